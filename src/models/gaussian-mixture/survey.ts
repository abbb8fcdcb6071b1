import { UsageError } from "../../base/errors.ts";
import type { Fitting } from "./fitting.ts";
import type { Layout } from "./layout.ts";
import type { Rows } from "./rows.ts";

/** Rows, and what each real number is over them: its first value, and mean and variance (divided by n), gaps left out. */
export interface Surveyed extends Rows {
  readonly first: Float64Array;
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/** Looks at all rows twice; throws where a number is missing everywhere, or the same everywhere. */
export async function surveyed(fitting: Fitting, rows: Rows): Promise<Surveyed> {
  const { layout } = fitting;
  const first = checked(fitting, await valuesOf(layout, rows));
  const means = await averages(layout, rows, (value) => value);
  const variances = await averages(layout, rows, (value, i) => (value - means[i]!) ** 2);
  return { ...rows, first, means, variances };
}

/** The first value at each place, NaN where there is none, and whether another one follows. */
async function valuesOf({ width }: Layout, rows: Rows) {
  const first = new Float64Array(width).fill(Number.NaN);
  const varied = new Uint8Array(width);
  await rows.each((some) => {
    for (let at = 0, place = 0; at < some.length; at++, place = place + 1 === width ? 0 : place + 1) {
      const value = some[at]!;
      if (Number.isNaN(value)) continue;
      if (Number.isNaN(first[place]!)) first[place] = value;
      else if (first[place] !== value) varied[place] = 1;
    }
  });
  return { first, varied };
}

/** The first value of each real number, of places that all have values, and real ones more than one. */
function checked({ name, layout }: Fitting, { first, varied }: Awaited<ReturnType<typeof valuesOf>>): Float64Array {
  const reals = new Set(layout.reals);
  for (let place = 0; place < layout.width; place++) {
    if (Number.isNaN(first[place]!))
      throw new UsageError(`${layout.label(place)} has no value in the training rows: ${layout.cure}.`);
    if (reals.has(place) && !varied[place])
      throw new UsageError(
        `${layout.label(place)} is ${first[place]} in every training example, so ${name} finds no density: ${layout.cure}.`,
      );
  }
  return Float64Array.from(layout.reals, (place) => first[place]!);
}

/** Means of a function of each real number over the rows that have it. */
async function averages({ width, reals }: Layout, rows: Rows, of: (value: number, i: number) => number) {
  const [seen, total] = [new Float64Array(reals.length), new Float64Array(reals.length)];
  await rows.each((some) => {
    for (let at = 0; at < some.length; at += width)
      for (let i = 0; i < reals.length; i++) {
        const value = some[at + reals[i]!]!;
        if (Number.isNaN(value)) continue;
        seen[i]!++;
        total[i]! += of(value, i);
      }
  });
  return total.map((sum, i) => sum / seen[i]!);
}
