import { digamma, inverseDigamma, trigamma } from "../../../numeric/special/index.ts";
import { beta as betaLaw } from "../beta.ts";
import { exponential as exponentialLaw } from "../exponential.ts";
import { chiSquare as chiSquareLaw, gamma as gammaLaw } from "../gamma.ts";
import { inverseGamma as inverseGammaLaw } from "../inverse-gamma.ts";
import type { Univariate } from "../univariate.ts";
import { average, NOT_NEGATIVE, notZero, POSITIVE, spread, UNIT, weighted } from "./data.ts";

type Numbers = ArrayLike<number>;

/** Exponential of largest likelihood: rate 1 / mean. */
export function exponential(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("exponential", x, weights, NOT_NEGATIVE);
  return exponentialLaw({ rate: 1 / notZero("exponential", average(data)) });
}

/** The α with log α − ψ(α) = gap, by Newton's method in 1/α. Minka 2002, "Estimating a Gamma distribution". */
function concentrationOf(family: string, gap: number): number {
  spread(family, gap > 1e-14 ? gap : 0);
  let a = (3 - gap + Math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap);
  for (let i = 0; i < 30; i++) {
    const step = (gap - Math.log(a) + digamma(a)) / (a * (1 - a * trigamma(a)));
    const next = 1 / (1 / a - step);
    const change = Math.abs(next - a) / a;
    a = next > 0 ? next : a / 2;
    if (change < 1e-14) break;
  }
  return a;
}

/** Gamma of largest likelihood. */
export function gamma(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("gamma", x, weights, POSITIVE);
  const mean = average(data);
  const concentration = concentrationOf("gamma", Math.log(mean) - average(data, Math.log));
  return gammaLaw({ concentration, rate: concentration / mean });
}

/** Inverse Gamma of largest likelihood: the Gamma fit of the reciprocals. */
export function inverseGamma(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("inverseGamma", x, weights, POSITIVE);
  const mean = average(data, (v) => 1 / v);
  const concentration = concentrationOf("inverseGamma", Math.log(mean) + average(data, Math.log));
  return inverseGammaLaw({ concentration, scale: concentration / mean });
}

/** Chi-square of largest likelihood: ψ(ν/2) = E log(x/2). */
export function chiSquare(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("chiSquare", x, weights, POSITIVE);
  return chiSquareLaw({ freedom: 2 * inverseDigamma(average(data, (v) => Math.log(v / 2))) });
}

/** Beta of largest likelihood: Newton's method on ψ(a) − ψ(a + b) = E log x and ψ(b) − ψ(a + b) = E log(1 − x). */
export function beta(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("beta", x, weights, UNIT);
  const [logX, logY] = [average(data, Math.log), average(data, (v) => Math.log1p(-v))];
  const mean = average(data);
  const variance = spread(
    "beta",
    average(data, (v) => (v - mean) ** 2),
  );
  const total = Math.max((mean * (1 - mean)) / variance - 1, 0.1);
  let [a, b] = [mean * total, (1 - mean) * total];
  for (let i = 0; i < 200; i++) {
    const both = digamma(a + b);
    const [f, g] = [digamma(a) - both - logX, digamma(b) - both - logY];
    const [p, q, r] = [trigamma(a), trigamma(b), trigamma(a + b)];
    const determinant = (p - r) * (q - r) - r * r;
    const [da, db] = [((q - r) * f + r * g) / determinant, ((p - r) * g + r * f) / determinant];
    [a, b] = [Math.max(a - da, a / 5), Math.max(b - db, b / 5)];
    if (Math.abs(da) < 1e-13 * a && Math.abs(db) < 1e-13 * b) break;
  }
  return betaLaw({ a, b });
}
