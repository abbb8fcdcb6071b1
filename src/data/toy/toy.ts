import { fillNormal, fillUniform, fold, type Key } from "../../random/index.ts";

/** Points in the plane, x0, y0, x1, y1, …, and the component each came from. */
export interface ToyDraw {
  readonly x: Float32Array;
  readonly labels: Uint8Array;
}

/** A density in the plane that can be drawn from exactly and whose entropy is known: the floor of any model's loss. */
export interface Toy {
  /** Number of components that labels tell apart. */
  readonly components: number;
  /** Differential entropy in nats: the least expected -log q(x) that any density q can reach. */
  readonly entropy: number;
  /** How the entropy was found. */
  readonly via: string;
  /** `count` independent points; point i depends on (key, i) alone. */
  sample(k: Key, count: number): ToyDraw;
  /** Log density in nats at one point; -Infinity outside the support (and where the density is below 1e-300). */
  logProb(x: number, y: number): number;
}

/** Uniforms u(i, j) and standard normals z(i, j) for example i, functions of (key, i, j) alone. */
export interface Draws {
  u(example: number, j: number): number;
  z(example: number, j: number): number;
}

/** Draws the noise of `count` examples, so many uniforms and normals each. */
export function drawNoise(k: Key, count: number, uniforms: number, normals: number): Draws {
  const us = new Float32Array(count * uniforms);
  const zs = new Float32Array(count * normals);
  fillUniform(fold(k, "uniform"), us);
  fillNormal(fold(k, "normal"), zs);
  return { u: (i, j) => us[i * uniforms + j]!, z: (i, j) => zs[i * normals + j]! };
}
