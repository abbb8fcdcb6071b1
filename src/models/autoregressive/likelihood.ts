import { type HostArray, int64 } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { Spec, type Tensor } from "../../graph/index.ts";
import { type Bound, inChunks, rows } from "../bound.ts";
import type { GraphFunction, Likelihood, LogProbOptions, Named, TracedParams } from "../contract.ts";
import { labelRows } from "../labels.ts";
import { logConditionals, logDensity } from "./density.ts";
import type { Given } from "./factorisation.ts";
import type { Parts } from "./parts.ts";

type Floats = HostArray<"float32">;

/** The graph functions; each takes one-hot `labels` as well when the model is conditional, and the number of the order where there are several. */
export function functionsOf(parts: Parts): { readonly logProb: GraphFunction; readonly conditionals: GraphFunction } {
  const { factorisation: f, unit, data, classes } = parts;
  const make = (doc: string, apply: (params: TracedParams, given: Given) => Named<Tensor>): GraphFunction => ({
    doc,
    noise: {},
    inputs: (n) => ({
      x: new Spec([n, ...data.shape]),
      ...(classes > 0 ? { labels: new Spec([n, classes]) } : {}),
      ...(f.orders.length > 1 ? { order: new Spec([], "int64") } : {}),
    }),
    apply: (params, inputs) => apply(params, inputs as unknown as Given),
  });
  return {
    logProb: make("log p(x) of each example in nats", (params, given) => ({
      logProb: logDensity(f, unit, params, given),
    })),
    conditionals: make("log p(x_i | variables before it) of each variable in nats", (params, given) => ({
      logConditionals: logConditionals(f, unit, params, given).reshape(given.x.shape),
    })),
  };
}

/** log p(x) of each example, exact; with several orders log of the mean of the probabilities. */
export async function likelihood(
  { classes, chunk, factorisation: { orders } }: Parts,
  fn: GraphFunction,
  on: Bound,
  x: Floats,
  { labels, progress }: LogProbOptions,
): Promise<Likelihood> {
  const count = x.shape[0]!;
  const given = labelRows(classes, labels, count);
  const nats = new Float64Array(count);
  await inChunks(
    count,
    chunk,
    async (start, end) => {
      const batch = { x: rows(x, start, end), ...(given ? { labels: rows(given, start, end) } : {}) };
      const each: Floats[] = [];
      for (let o = 0; o < orders.length; o++)
        each.push((await on.run(fn, { ...batch, ...orderInput(orders.length, o) })).logProb!);
      for (let i = start; i < end; i++)
        nats[i] = logSumExp(each.map(({ data }) => data[i - start]!)) - Math.log(orders.length);
    },
    progress,
  );
  return { kind: "exact", via: viaOf(orders), nats };
}

/** How log p(x) follows from the conditionals; several mask sets may share an order. */
function viaOf(orders: readonly Uint32Array[]): string {
  const [sets, distinct] = [orders.length, new Set(orders.map(String)).size];
  if (sets === 1) return "chain rule";
  if (distinct === sets) return `mean of the probabilities in ${sets} orders`;
  return `mean of the probabilities of ${sets} mask sets in ${distinct === 1 ? "one order" : `${distinct} orders`}`;
}

const orderInput = (orders: number, order: number) => (orders > 1 ? { order: int64([order], []) } : {});
