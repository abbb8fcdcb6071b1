import {
  betaTails,
  digammaLessLog,
  fromTail,
  inverseBetaTail,
  logBeta,
  mirrored,
  type Tails,
} from "../../numeric/special/index.ts";
import { finite, positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Degrees of freedom ν, and a location and scale (0 and 1 when left out). */
export interface StudentTParameters {
  readonly freedom: number;
  readonly location?: number;
  readonly scale?: number;
}

/** log of P(T > t) far out, where it is a power: z^−ν / (ν B(ν/2, ½)), z = t/√ν. */
const logFarTail = (nu: number, z: number) => -nu * Math.log(z) - Math.log(nu) - logBeta(nu / 2, 0.5);
/** From here on z² and its reciprocal are no safe numbers any more. */
const FAR = 1e120;

/** Tails of the standard t: half the incomplete beta function at ν/(ν + t²). */
function standardTails(nu: number, t: number): Tails {
  const z = Math.abs(t) / Math.sqrt(nu);
  const { lower, logLower } = betaTails(nu / 2, 0.5, 1 / (1 + z * z), 1 / (1 + 1 / (z * z)));
  const far = logFarTail(nu, z);
  const upper = z > FAR ? fromTail(true, Math.exp(far), far) : fromTail(true, lower / 2, logLower - Math.LN2);
  return t < 0 ? mirrored(upper) : upper;
}

function standardQuantile(nu: number, p: number): number {
  if (p > 0.5) return -standardQuantile(nu, 1 - p);
  const logZ = -(Math.log(p) + Math.log(nu) + logBeta(nu / 2, 0.5)) / nu;
  if (logZ > Math.log(FAR)) return -Math.exp(logZ) * Math.sqrt(nu);
  const { x, y } = inverseBetaTail(nu / 2, 0.5, 2 * p, false);
  return -Math.sqrt((nu * y) / x);
}

/** Student t: log p(x) = −log B(ν/2, ½) − ½ log ν − log s − (ν + 1)/2 log(1 + z²/ν), z = (x − μ)/s. */
export function studentT({ freedom: nu, location = 0, scale = 1 }: StudentTParameters): Univariate {
  positive("studentT", { freedom: nu, scale });
  finite("studentT", { location });
  const heavy = nu > 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  const logNormalizer = logBeta(nu / 2, 0.5) + 0.5 * Math.log(nu) + Math.log(scale);
  return univariate({
    family: "studentT",
    parameters: { freedom: nu, location, scale },
    kind: "continuous",
    support: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    logProb: (x) => {
      const z = Math.abs((x - location) / scale) / Math.sqrt(nu);
      const log = z < 1e100 ? Math.log1p(z * z) : 2 * Math.log(z);
      return -logNormalizer - ((nu + 1) / 2) * log;
    },
    tails: (x) => standardTails(nu, (x - location) / scale),
    inverseTail: (p, isUpper) => location + scale * standardQuantile(nu, p) * (isUpper ? -1 : 1),
    mean: nu > 1 ? location : Number.NaN,
    variance: nu > 2 ? (scale ** 2 * nu) / (nu - 2) : heavy,
    skewness: nu > 3 ? 0 : Number.NaN,
    kurtosis: nu > 4 ? 6 / (nu - 4) : nu > 2 ? Number.POSITIVE_INFINITY : Number.NaN,
    mode: location,
    entropy: () => {
      const rise = Math.log1p(1 / nu) + digammaLessLog((nu + 1) / 2) - digammaLessLog(nu / 2); // of ψ by ½
      return logNormalizer + ((nu + 1) / 2) * rise;
    },
  });
}
