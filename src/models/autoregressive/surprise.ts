import { HostArray } from "../../base/host.ts";
import type { Bound } from "../bound.ts";
import { inChunks, rows } from "../bound.ts";
import type { GraphFunction } from "../contract.ts";
import type { InspectOptions, Surprise } from "../inspection.ts";
import { labelRows } from "../labels.ts";
import { logConditionals } from "./density.ts";
import type { Given } from "./factorisation.ts";
import { chosenOrder, type Inspected } from "./inspected.ts";

type Floats = HostArray<"float32">;

/** −log p(xᵢ | variables before it) of a batch as a function of the engine. */
export function conditionalsOf({ factorisation, unit }: Inspected): GraphFunction {
  return {
    doc: "−log p(x_i | variables before it) of each variable in nats",
    noise: {},
    inputs: () => ({}),
    apply: (params, given) => ({
      nats: logConditionals(factorisation, unit, params, given as unknown as Given).neg(),
    }),
  };
}

/** The surprise of every variable of the examples in one order, batch by batch. */
export async function surprise(
  model: Inspected,
  conditionals: GraphFunction,
  on: Bound,
  x: Floats,
  { labels, order, progress }: InspectOptions,
): Promise<Surprise> {
  const count = x.shape[0]!;
  const classes = labelRows(model.classes, labels, count);
  const chosen = chosenOrder(model, order);
  const nats = new HostArray("float32", x.shape, new Float32Array(x.size));
  const some = async (start: number, end: number) => {
    const given = { x: rows(x, start, end), ...(classes ? { labels: rows(classes, start, end) } : {}) };
    const result = await on.run(conditionals, { ...given, ...chosen.input });
    rows(nats, start, end).data.set(result.nats!.data);
  };
  await inChunks(count, model.chunk, some, progress);
  return { nats, order: chosen.order, orders: chosen.orders };
}
