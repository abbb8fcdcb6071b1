import { UsageError } from "../../base/errors.ts";
import { fold, type Key, normal, uniform } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { Capabilities, Numbers } from "../contract.ts";
import { withGaps } from "../tables.ts";
import { array, type Component, componentsOf } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import type { Layout } from "./layout.ts";
import { realsOf, responsibilities } from "./responsibilities.ts";

/** Draws from a mixture, and from its exact conditional. */
export function fillingOf({ name, layout, config }: Fitting): Pick<Capabilities, "sample" | "complete"> {
  const drawn = (on: Bound, rows: Float64Array, key: Key): Numbers => {
    fill(layout, componentsOf(name, layout, config.covariance, on.params), rows, key);
    if (layout.space) return layout.space.close(rows, true);
    return array([rows.length / layout.width, layout.width], rows);
  };
  return {
    sample: async (on, { count, key, temperature = 1 }) => {
      if (temperature !== 1)
        throw new UsageError(`${name} draws from its distribution as it is: leave the temperature at 1.`);
      return drawn(on, new Float64Array(count * layout.width).fill(Number.NaN), key);
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: a component given what is known, then what is missing given both");
      const filled = drawn(on, withGaps(x, observed).data, key);
      for (let i = 0; i < filled.size; i++)
        if (observed.data[i]! > 0.5 && !Number.isNaN(x.data[i]!)) filled.data[i] = x.data[i]!;
      return filled;
    },
  };
}

/** Fills the gaps of rows [n, width]: a component given what is known, then what is missing given both. */
function fill(layout: Layout, components: readonly Component[], rows: Float64Array, key: Key): void {
  const { width, reals } = layout;
  const { shares } = responsibilities(layout, components, rows);
  const [K, D, count] = [components.length, reals.length, rows.length / width];
  const u = uniform(fold(key, "uniform"), [count, width + 1]).data;
  const z = normal(fold(key, "normal"), [count, Math.max(1, D)]).data;
  for (let n = 0; n < count; n++) {
    const row = rows.subarray(n * width, (n + 1) * width);
    const own = u.subarray(n * (width + 1), (n + 1) * (width + 1));
    const { real, discrete } = components[chosen(shares.subarray(n * K, (n + 1) * K), own[width]!)]!;
    if (real) {
      const x = realsOf(layout, row);
      real.fill(x, z.subarray(n * D, (n + 1) * D));
      for (let i = 0; i < D; i++) row[reals[i]!] = x[i]!;
    }
    for (const { place, family } of discrete) if (Number.isNaN(row[place]!)) row[place] = family.draw(own[place]!, 0);
  }
}

/** The first k at which the sum of shares exceeds u. */
function chosen(shares: Float64Array, u: number): number {
  let sum = 0;
  for (let k = 0; k < shares.length - 1; k++) {
    sum += shares[k]!;
    if (u < sum) return k;
  }
  return shares.length - 1;
}
