import { full, int64 } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { arange, constant, type Tensor } from "../../graph/index.ts";
import type { Cached, Factorisation } from "./factorisation.ts";

/**
 * Cached generation for any factorisation: keeps the example so far and computes all conditionals for every variable.
 * The oracle other caches are compared with: the same uniforms must give the same values.
 */
export function naive(f: Factorisation, shape: readonly number[]): Cached {
  const size = sizeOf(shape);
  return {
    state: (batch) => ({ x: full("float32", [batch, size], 0) }),
    step: (params, state, { position, previous, labels, order }) => {
      const places = placesOf(f, order);
      const before = places.gather(position.sub(1).maximum(0), 0);
      const here = arange(size).equal(before).and(position.greater(0));
      const x = here.select(previous.expandDims(1), (state as { x: Tensor }).x);
      const given = {
        x: x.reshape([x.shape[0]!, ...shape]),
        ...(labels ? { labels } : {}),
        ...(order ? { order } : {}),
      };
      const logits = f.logits(params, given).gather(places.gather(position, 0), 1);
      return { logits, state: { x } };
    },
  };
}

/** The places of an order's variables, [D] int64. */
function placesOf({ orders }: Factorisation, order: Tensor | undefined): Tensor {
  const size = orders[0]!.length;
  const all = constant(
    int64(
      orders.flatMap((list) => Array.from(list)),
      [orders.length, size],
    ),
  );
  return order ? all.gather(order, 0) : all.slice(0, 0, 1).squeeze(0);
}
