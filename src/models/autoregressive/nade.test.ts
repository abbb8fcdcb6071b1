import { describe, expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { gradients, type Tensor } from "../../graph/index.ts";
import { key, uniform } from "../../random/index.ts";
import { jit, referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { Params } from "../contract.ts";
import { nade } from "./nade.ts";

type Floats = HostArray<"float32">;
type Weights = { rows: Floats; bias: Floats; readout?: Floats; readoutBias: Floats };

/** Not a whole number of blocks. */
const SIZE = 19;
const HIDDEN = 5;
const BATCH = 3;
const data: DataSpec = { shape: [SIZE], values: "binary" };
const reference = referenceRuntime();
const x = new HostArray("float32", [BATCH, SIZE], uniform(key(1), [BATCH, SIZE]).data.map(Math.round));

const made = (options: Record<string, unknown>) => {
  const model = nade({ hidden: HIDDEN, ...options }, data);
  const params = model.init(key(2)) as unknown as Weights;
  for (const { data: values } of Object.values(params))
    for (let i = 0; i < values.length; i++) values[i]! += Math.sin(7 * i) / 3;
  return { model, params };
};

/** −log p(x) as in Larochelle & Murray 2011, algorithm 1: two loops, in double precision. */
function textbook({ rows, bias, readout = rows, readoutBias }: Weights, image: Float32Array, order: Uint32Array) {
  const units = Float64Array.from(bias.data);
  let nats = 0;
  for (let d = 0; d < SIZE; d++) {
    let logit = readoutBias.data[d]!;
    for (let j = 0; j < HIDDEN; j++) logit += readout.data[d * HIDDEN + j]! / (1 + Math.exp(-units[j]!));
    const value = image[order[d]!]!;
    nats += Math.log1p(Math.exp(value === 1 ? -logit : logit));
    for (let j = 0; j < HIDDEN; j++) units[j]! += value * rows.data[d * HIDDEN + j]!;
  }
  return nats;
}

const row = (i: number) => x.data.subarray(i * SIZE, (i + 1) * SIZE);

describe.each([
  ["in raster order", {}],
  ["in a shuffled order", { order: "random", orderSeed: 3 }],
  ["with tied weights", { tied: true }],
])("NADE %s", (_, options) => {
  const { model, params } = made(options);
  const order = model.factorisation.orders[0]!;

  it("gives the probabilities of the textbook's double loop", async () => {
    const { nats } = await model.logProb(bind(reference, params as unknown as Params), x, { key: key(0) });
    for (let i = 0; i < BATCH; i++) expect(-nats[i]!).toBeCloseTo(textbook(params, row(i), order), 5);
  });

  it("has the slopes of the double loop", async () => {
    const phase = model.learning.kind === "gradient" ? model.learning.phases[0]! : undefined;
    const slopes = jit(
      ((p: { rows: Tensor; bias: Tensor }, given: Tensor) =>
        gradients(phase!.loss(p as never, { x: given, noise: {}, scalars: {} }).loss, [p.rows, p.bias])) as never,
      reference,
    ) as unknown as (p: Weights, given: Floats) => Promise<Floats[]>;
    const [rows, bias] = await slopes(params, x);
    const loss = () => [0, 1, 2].reduce((sum, i) => sum + textbook(params, row(i), order), 0) / BATCH;
    const difference = (leaf: Floats, at: number) => {
      const kept = leaf.data[at]!;
      const [up, down] = [1, -1].map((sign) => {
        leaf.data[at] = kept + sign * 2 ** -7;
        return loss();
      });
      leaf.data[at] = kept;
      return (up! - down!) / 2 ** -6;
    };
    for (const at of [0, 3, 42, SIZE * HIDDEN - 1]) expect(rows!.data[at]).toBeCloseTo(difference(params.rows, at), 4);
    for (let at = 0; at < HIDDEN; at++) expect(bias!.data[at]).toBeCloseTo(difference(params.bias, at), 4);
  });
});

describe("NADE's order", () => {
  it("is shuffled by its seed alone", () => {
    const orderOf = (orderSeed: number) => [...made({ order: "random", orderSeed }).model.factorisation.orders[0]!];
    expect(orderOf(1)).toEqual(orderOf(1));
    expect(orderOf(1)).not.toEqual(orderOf(2));
    expect(orderOf(1).toSorted((a, b) => a - b)).toEqual([...made({}).model.factorisation.orders[0]!]);
  });

  it("leaves no weights of their own to read out with when they are tied", () => {
    expect(Object.keys(made({ tied: true }).params)).toEqual(["rows", "bias", "readoutBias"]);
  });
});
