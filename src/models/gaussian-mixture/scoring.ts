import { HostArray } from "../../base/host.ts";
import type { Bound } from "../bound.ts";
import type { Capabilities, Numbers } from "../contract.ts";
import { array, componentsOf } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import { responsibilities } from "./responsibilities.ts";
import { opened } from "./rows.ts";

/** The exact density of a mixture, and its code: the shares of the components. */
export function scoringOf({ name, layout, config }: Fitting): Pick<Capabilities, "logProb" | "encode"> {
  const { space } = layout;
  const found = (on: Bound, x: Numbers) =>
    responsibilities(layout, componentsOf(name, layout, config.covariance, on.params), opened(layout, x));
  const via = "log of the sum over components";
  return {
    logProb: async (on, x) => ({
      kind: "exact",
      via: space?.logStep ? `${via}, the density of dequantised bytes in steps of one byte` : via,
      nats: inSteps(found(on, x).nats, x, space?.logStep ?? 0),
    }),
    encode: async (on, x) => {
      const { shares } = found(on, x);
      const shape = [x.shape[0]!, shares.length / x.shape[0]!];
      if (!space) return array(shape, shares);
      return new HostArray("float32", shape, Float32Array.from(shares));
    },
  };
}

/** Log densities per step, whose logarithm is taken from each for every number that is there. */
function inSteps(nats: Float64Array, { data }: Numbers, logStep: number): Float64Array {
  if (!logStep) return nats;
  const width = data.length / nats.length;
  return nats.map((value, n) => {
    let known = 0;
    for (let at = n * width; at < (n + 1) * width; at++) if (!Number.isNaN(data[at]!)) known++;
    return value - logStep * known;
  });
}
