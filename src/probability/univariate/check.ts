import { UsageError } from "../../base/errors.ts";

function refuse(family: string, name: string, what: string, value: number): never {
  throw new UsageError(`${family} needs a ${name} that is ${what}; got ${value}.`);
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

/** Refuses what is no whole number from 0 on. */
export function count(family: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) refuse(family, name, "a whole number from 0 on", value);
}
