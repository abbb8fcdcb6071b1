import type { LogDensity } from "../../distributions/index.ts";
import { lift, type Tensor } from "../../graph/index.ts";
import { fillBits, type Key, normalQuantile } from "../../random/index.ts";

/** Uniforms and normals of a key, one after the other. */
export class Stream {
  private readonly key: Key;
  private readonly words = new Uint32Array(16);
  private used = 16;
  private offset = 0;

  constructor(key: Key) {
    this.key = key;
  }

  /** A uniform on the open interval (0, 1), the middle of one of 2⁵² equal parts. */
  uniform(): number {
    if (this.used === 16) {
      fillBits(this.key, this.words, this.offset);
      this.offset += 16;
      this.used = 0;
    }
    const [high, low] = [this.words[this.used++]!, this.words[this.used++]!];
    return (high * 2 ** 20 + (low >>> 12) + 0.5) * 2 ** -52;
  }

  normal(): number {
    return normalQuantile(this.uniform() - 0.5);
  }
}

/** Gamma of unit rate. Marsaglia and Tsang 2000; below concentration 1 by the power of a uniform. */
export function gammaDraw(concentration: number, stream: Stream): number {
  if (concentration < 1) return gammaDraw(concentration + 1, stream) * stream.uniform() ** (1 / concentration);
  const d = concentration - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = stream.normal();
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(stream.uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
  }
}

function betaDraw(a: number, b: number, stream: Stream): number {
  const x = gammaDraw(a, stream);
  return x / (x + gammaDraw(b, stream));
}

/** Successes among n trials: many trials are halved at an order statistic of their uniforms, which is a Beta (Devroye 1986, X.4). */
export function binomialDraw(n: number, p: number, stream: Stream): number {
  if (n > 40) {
    const middle = Math.floor((n + 1) / 2);
    const cut = betaDraw(middle, n + 1 - middle, stream);
    return cut <= p
      ? middle + binomialDraw(n - middle, (p - cut) / (1 - cut), stream)
      : binomialDraw(middle - 1, p / cut, stream);
  }
  let successes = 0;
  for (let i = 0; i < n; i++) successes += Number(stream.uniform() < p);
  return successes;
}

/** Poisson: large rates are cut at a Gamma arrival (Ahrens and Dieter 1974), small ones counted by inversion. */
export function poissonDraw(rate: number, stream: Stream): number {
  if (rate > 30) {
    const arrivals = Math.floor((7 / 8) * rate);
    const time = gammaDraw(arrivals, stream);
    return time <= rate ? arrivals + poissonDraw(rate - time, stream) : binomialDraw(arrivals - 1, rate / time, stream);
  }
  let product = stream.uniform();
  let count = 0;
  for (const limit = Math.exp(-rate); product > limit; count++) product *= stream.uniform();
  return count;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** How a law without a graph sampler is drawn on the host: its parameters as tensors, and one draw from their numbers. */
interface HostLaw {
  readonly parameters: readonly string[];
  draw(parameters: readonly number[], stream: Stream): number;
}

const hostLaws: Readonly<Record<string, HostLaw>> = {
  gamma: {
    parameters: ["concentration", "rate"],
    draw: ([a, b], stream) => gammaDraw(a!, stream) / b!,
  },
  beta: { parameters: ["a", "b"], draw: ([a, b], stream) => betaDraw(a!, b!, stream) },
  poisson: { parameters: ["logRate"], draw: ([l], stream) => poissonDraw(Math.exp(l!), stream) },
  binomial: {
    parameters: ["trials", "logits"],
    draw: ([n, l], stream) => binomialDraw(n!, sigmoid(l!), stream),
  },
  negativeBinomial: {
    parameters: ["successes", "logits"],
    draw: ([r, l], stream) => poissonDraw(gammaDraw(r!, stream) * Math.exp(-l!), stream),
  },
  studentT: {
    parameters: ["freedom", "location", "logScale"],
    draw: ([nu, mu, l], stream) =>
      mu! + Math.exp(l!) * stream.normal() * Math.sqrt(nu! / (2 * gammaDraw(nu! / 2, stream))),
  },
  dirichlet: { parameters: ["concentration"], draw: ([a], stream) => gammaDraw(a!, stream) },
};

/** A law's host sampler with its parameter tensors at a shape; undefined where there is none. */
export function hostSampler(law: LogDensity, shape: readonly number[]) {
  const found = hostLaws[law.family.replace(/^(independent )+/, "")];
  if (!found) return undefined;
  const fields = law as unknown as Readonly<Record<string, Tensor>>;
  if (!found.parameters.every((name) => fields[name])) return undefined;
  const parameters = found.parameters.map((name) => lift(fields[name]!).broadcastTo(shape));
  const row = law.family === "dirichlet" ? shape[shape.length - 1]! : 0;
  const draw = (values: readonly Float64Array[], out: Float64Array, stream: Stream) => {
    for (let i = 0; i < out.length; i++) {
      out[i] = found.draw(
        values.map((value) => value[i]!),
        stream,
      );
    }
    if (row > 0) normaliseRows(out, row);
  };
  return { parameters, draw };
}

function normaliseRows(out: Float64Array, row: number): void {
  for (let start = 0; start < out.length; start += row) {
    const part = out.subarray(start, start + row);
    const total = part.reduce((sum, x) => sum + x, 0);
    for (let i = 0; i < row; i++) part[i]! /= total;
  }
}
