import { cosine, sine } from "../trig.ts";
import { drawNoise, type Toy } from "./toy.ts";

const ARMS = 5;
const RADIAL = 0.3; // deviations along and across an arm before it is bent
const ACROSS = 0.1;
const RATE = 0.25;
const SCALE = 2;

/** eˣ for |x| < 10 from + - * alone, so that samples have the same bits everywhere. */
function exponential(x: number): number {
  let sum = 1;
  for (let n = 12; n > 0; n--) sum = 1 + (x / 64 / n) * sum;
  for (let i = 0; i < 6; i++) sum *= sum;
  return sum;
}

/** How far the point (a, b) of an arm is turned: by the arm's own angle and more the farther out it lies. */
const bend = (a: number) => RATE * exponential(a);

const armLog = (a: number, b: number) => -(((a - 1) / RADIAL) ** 2 + (b / ACROSS) ** 2) / 2;

const PARTS = 96;

/**
 * The angles ψ with ψ - bend(ρ cos ψ) ≡ target (mod 2π): where a point at radius ρ can have lain before the bending.
 * Each change of sign over a grid is narrowed by bisection.
 */
function anglesBefore(radius: number, target: number): number[] {
  const turn = 2 * Math.PI;
  const gap = (psi: number) => {
    const difference = psi - bend(radius * Math.cos(psi)) - target;
    return difference - turn * Math.round(difference / turn);
  };
  const found: number[] = [];
  for (let part = 0; part < PARTS; part++) {
    let low = -Math.PI + (turn * part) / PARTS;
    let high = low + turn / PARTS;
    const rising = gap(low) <= 0;
    if (rising === gap(high) <= 0 || Math.abs(gap(low) - gap(high)) > Math.PI) continue;
    for (let i = 0; i < 40; i++) {
      const middle = (low + high) / 2;
      if (gap(middle) <= 0 === rising) low = middle;
      else high = middle;
    }
    found.push(low);
  }
  return found;
}

/** Five bent arms (Johnson et al. 2016, arXiv 1603.06277): (a, b) normal around (1, 0), turned by bend(a), doubled. */
export function pinwheel(entropy: number): Toy {
  const norm = -Math.log(ARMS * 2 * Math.PI * RADIAL * ACROSS * SCALE ** 2);
  return {
    components: ARMS,
    entropy,
    via: "-∫ p log p on a grid; p by change of variables",
    sample(k, count) {
      const { u, z } = drawNoise(k, count, 1, 2);
      const labels = Uint8Array.from({ length: count }, (_, i) => Math.floor(u(i, 0) * ARMS));
      const x = new Float32Array(2 * count);
      labels.forEach((arm, i) => {
        const a = 1 + RADIAL * z(i, 0);
        const b = ACROSS * z(i, 1);
        const angle = (2 * Math.PI * arm) / ARMS + bend(a);
        const [cos, sin] = [cosine(angle), sine(angle)];
        x[2 * i] = SCALE * (a * cos + b * sin);
        x[2 * i + 1] = SCALE * (b * cos - a * sin);
      });
      return { x, labels };
    },
    logProb(x, y) {
      const radius = Math.sqrt(x * x + y * y) / SCALE;
      let sum = 0;
      for (let arm = 0; arm < ARMS; arm++)
        for (const psi of anglesBefore(radius, Math.atan2(y, x) + (2 * Math.PI * arm) / ARMS)) {
          const [a, b] = [radius * Math.cos(psi), radius * Math.sin(psi)];
          sum += Math.exp(armLog(a, b)) / Math.abs(1 + b * bend(a)); // ∂(x, y)/∂(a, b) = SCALE² (1 + b bend'(a))
        }
      return norm + Math.log(sum);
    },
  };
}
