import { describe, expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Tensor } from "../../graph/index.ts";
import { key, uniform } from "../../random/index.ts";
import { jit, referenceRuntime } from "../../runtime/index.ts";
import { nativeRuntime } from "../../runtime/ort/native.node.ts";
import { bind } from "../bound.ts";
import type { Params } from "../contract.ts";
import { eonade } from "./eonade.ts";

type Floats = HostArray<"float32">;
type Layer = { weight: Floats; bias: Floats };
type Weights = { rows: Floats; known: Floats; bias: Floats; layers: Layer[]; readout: Floats; readoutBias: Floats };

const SIZE = 4;
const hidden = [5, 3];
const data: DataSpec = { shape: [SIZE], values: "binary" };
const reference = referenceRuntime();
const model = eonade({ hidden, activation: "tanh", ensemble: 3 }, data);
const params = model.init(key(1)) as unknown as Weights;
for (const { data: values } of [params.known, params.bias, params.readoutBias, params.readout])
  for (let i = 0; i < values.length; i++) values[i]! += Math.sin(5 * i);
const on = bind(reference, params as unknown as Params);

/** log p(x_i = value | known) as written in section 2 of the paper, in double precision; `known` holds values by place. */
function conditional(known: ReadonlyMap<number, number>, place: number, value: number): number {
  let units = Array.from({ length: hidden[0]! }, (_, j) => {
    let sum = params.bias.data[j]!;
    for (const [i, v] of known)
      sum += params.known.data[i * hidden[0]! + j]! + v * params.rows.data[i * hidden[0]! + j]!;
    return Math.tanh(sum);
  });
  for (const { weight, bias } of params.layers)
    units = Array.from(bias.data, (b, j) =>
      Math.tanh(units.reduce((sum, u, i) => sum + u * weight.data[i * bias.size + j]!, b)),
    );
  const logit = units.reduce((sum, u, j) => sum + u * params.readout.data[place * units.length + j]!, 0);
  const odds = logit + params.readoutBias.data[place]!;
  return -Math.log1p(Math.exp(value === 1 ? -odds : odds));
}

function inOrder(image: ArrayLike<number>, order: ArrayLike<number>, first = 0): number {
  const known = new Map<number, number>();
  let nats = 0;
  for (let k = 0; k < order.length; k++) {
    const place = order[k]!;
    if (k >= first) nats += conditional(known, place, image[place]!);
    known.set(place, image[place]!);
  }
  return nats;
}

function permutations(list: readonly number[]): number[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((head) => permutations(list.filter((other) => other !== head)).map((rest) => [head, ...rest]));
}

const images = new HostArray(
  "float32",
  [2 ** SIZE, SIZE],
  Float32Array.from({ length: 2 ** SIZE * SIZE }, (_, j) => (Math.floor(j / SIZE) >> (j % SIZE)) & 1),
);
const image = (i: number) => images.data.subarray(i * SIZE, (i + 1) * SIZE);

describe("EoNADE", () => {
  it("averages the probabilities of its orders, each as written in the paper", async () => {
    const { nats } = await model.logProb(on, images, { key: key(0) });
    const { orders } = model.factorisation;
    expect(orders.length).toBe(3);
    nats.forEach((value, i) => {
      const mean = orders.reduce((sum, order) => sum + Math.exp(inOrder(image(i), order)), 0) / 3;
      expect(Math.exp(value)).toBeCloseTo(mean, 6);
    });
  });

  it("is trained on the mean of −log p(x) over all orders", async () => {
    const phase = model.learning.kind === "gradient" ? model.learning.phases[0]! : undefined;
    const lossOf = jit(
      ((p: never, x: Tensor, hide: Tensor, level: Tensor) =>
        phase!.loss(p, { x, noise: { hide, level }, scalars: {} }).loss) as never,
      reference,
    ) as unknown as (p: Weights, ...rest: Floats[]) => Promise<Floats>;
    const x = new HostArray("float32", [1, SIZE], image(11));
    const level = new HostArray("float32", [1], Float32Array.of(0.5));
    let mean = 0;
    for (let set = 0; set < 2 ** SIZE; set++) {
      const hide = new HostArray(
        "float32",
        [1, SIZE],
        image(set).map((known) => (known ? 0.1 : 0.9)),
      );
      const known = image(set).reduce((a, b) => a + b, 0);
      const ways = permutations([0, 1, 2, 3]).length / (factorial(known) * factorial(SIZE - known));
      mean += (await lossOf(params, x, hide, level)).data[0]! / ((SIZE + 1) * ways);
    }
    const orders = permutations([0, 1, 2, 3]);
    const expected = orders.reduce((sum, order) => sum - inOrder(image(11), order), 0) / orders.length;
    expect(mean).toBeCloseTo(expected, 5);
  });

  it("completes each example's own mask as its orders say that begin with what is observed (false alarm 1e-6)", async () => {
    const total = 3000;
    const observedOf = [[1], [0, 3]];
    const values = Float32Array.of(1, 1, 0, 0);
    const repeat = (of: (example: number, place: number) => number) =>
      new HostArray(
        "float32",
        [2 * total, SIZE],
        Float32Array.from({ length: 2 * total * SIZE }, (_, j) => of(Math.floor(j / SIZE) % 2, j % SIZE)),
      );
    const mask = repeat((example, place) => Number(observedOf[example]!.includes(place)));
    const x = repeat((example, place) => (observedOf[example]!.includes(place) ? values[place]! : Number.NaN));
    const native = bind(await nativeRuntime({ threads: 1 }), params as unknown as Params);
    const done = await model.complete(native, x, mask, { key: key(4) });
    observedOf.forEach((observed, example) => {
      const missing = [0, 1, 2, 3].filter((place) => !observed.includes(place));
      const orders = permutations(missing).map((rest) => [...observed, ...rest]);
      let statistic = 0;
      for (let i = 0; i < 2 ** SIZE; i++) {
        if (!observed.every((place) => image(i)[place] === values[place])) continue;
        const p =
          orders.reduce((sum, order) => sum + Math.exp(inOrder(image(i), order, observed.length)), 0) / orders.length;
        let count = 0;
        for (let row = example; row < 2 * total; row += 2)
          if (image(i).every((bit, place) => done.data[row * SIZE + place] === bit)) count++;
        statistic += (count - p * total) ** 2 / (p * total);
      }
      expect(statistic).toBeLessThan(missing.length === 3 ? 40.5 : 30.7); // χ² with 7 and 3 degrees of freedom
    });
  });

  it("completes an example the same in whatever company it is, and leaves complete ones alone", async () => {
    const mask = new HostArray("float32", images.shape, uniform(key(5), images.shape).data.map(Math.round));
    mask.data.fill(1, 0, SIZE);
    const all = await model.complete(on, images, mask, { key: key(6) });
    const few = new HostArray("float32", [3, SIZE], images.data.slice(0, 3 * SIZE));
    const some = await model.complete(on, few, new HostArray("float32", [3, SIZE], mask.data.slice(0, 3 * SIZE)), {
      key: key(6),
    });
    expect(some.data).toEqual(all.data.slice(0, 3 * SIZE));
    expect(all.data.slice(0, SIZE)).toEqual(image(0));
  });
});

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
