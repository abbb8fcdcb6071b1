import { UsageError } from "../../base/errors.ts";

function refuse(family: string, name: string, what: string, value: number): never {
  const article = /^[aeio]/.test(name) ? "an" : "a";
  throw new UsageError(`${family} needs ${article} \`${name}\` that is ${what}; got ${value}.`);
}

/** Refuses parameters that are not finite and above zero. */
export function positive(family: string, parameters: { readonly [name: string]: number }): void {
  for (const [name, value] of Object.entries(parameters))
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) refuse(family, name, "finite and above 0", value);
}

/** Refuses parameters that are not finite. */
export function finite(family: string, parameters: { readonly [name: string]: number }): void {
  for (const [name, value] of Object.entries(parameters))
    if (!Number.isFinite(value)) refuse(family, name, "finite", value);
}

/** Refuses a probability outside [0, 1], or, of an open interval, at its lower end. */
export function probability(family: string, value: number, positiveOnly = false): void {
  if (!(value >= 0 && value <= 1) || (positiveOnly && value === 0))
    refuse(family, "probability", positiveOnly ? "above 0 and at most 1" : "from 0 to 1", value);
}

/** How far from one the sum of probabilities may be. */
const SUM_TOLERANCE = 1e-9;

/** Probabilities that sum to one but for rounding, which is divided out; refuses others. */
export function shares(family: string, probabilities: ArrayLike<number>, name = "probabilities"): number[] {
  const list = Array.from(probabilities);
  const wrong = list.findIndex((p) => !(p >= 0 && p < Number.POSITIVE_INFINITY));
  if (wrong >= 0)
    throw new UsageError(
      `${family} needs \`${name}\` that are finite and not below 0; number ${wrong} is ${list[wrong]}.`,
    );
  const total = list.reduce((sum, p) => sum + p, 0);
  if (!(Math.abs(total - 1) <= SUM_TOLERANCE))
    throw new UsageError(`${family} needs \`${name}\` that sum to 1; these sum to ${total}. Divide them by their sum.`);
  return list.map((p) => p / total);
}

/** Refuses what is no whole number from 0 on. */
export function count(family: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) refuse(family, name, "a whole number from 0 on", value);
}
