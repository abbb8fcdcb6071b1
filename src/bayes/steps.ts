/** Work in steps: each tells where it stands; told `true` in return, the work ends with what it has. */
export type Steps<Told, Result> = Generator<Told, Result, boolean | undefined>;

/** Goes through all steps of a piece of work without a pause. */
export function finished<Told, Result>(steps: Steps<Told, Result>, tell?: (told: Told) => void): Result {
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done) return next.value;
    tell?.(next.value);
  }
}
