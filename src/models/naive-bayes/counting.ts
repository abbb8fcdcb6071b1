import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { ClosedForm, Params } from "../contract.ts";
import type { Parts } from "./parts.ts";

/** One round of counting over rows whose class is known. */
export function counting(parts: Parts): ClosedForm {
  const { columns, place, names, family } = parts;
  return {
    kind: "closed-form",
    zeros: () => ({ classes: new Float64Array(names.length), ...family.zeros() }),
    add: async (sums, _, x) => {
      const add = family.adder(sums);
      const rows = x.data as Float64Array;
      for (let at = 0; at < x.size; at += columns.length) {
        const y = rows[at + place]!;
        if (Number.isNaN(y)) continue;
        sums.classes![y]!++;
        add(rows, at, y);
      }
    },
    solve: (sums) => {
      const counts = sums.classes!;
      const prior = new HostArray("float64", [names.length], priorOf(parts, counts));
      return { prior, ...(family.solve(sums, counts) as object) } as Params;
    },
  };
}

/** p(y) from the number of rows of each class; throws where fewer than two occur. */
function priorOf({ config, columns, place, names }: Parts, counts: Float64Array): Float64Array {
  const { name } = columns[place]!;
  const present = counts.filter((count) => count > 0).length;
  if (present < 2)
    throw new UsageError(
      `naive-bayes tells classes apart, and the training rows ${present === 0 ? `have no value of "${name}"` : `all have "${name}" = ${names[counts.findIndex((count) => count > 0)]}`}.`,
    );
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => (config.fitPrior ? count / total : count > 0 ? 1 / present : 0));
}
