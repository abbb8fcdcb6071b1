import { describe, expect, it } from "vitest";
import { full, HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { gradients, type Tensor } from "../../graph/index.ts";
import { key, permutation, uniform } from "../../random/index.ts";
import { jit, referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import { rasterOrder } from "./factorisation.ts";
import { made } from "./made.ts";
import { drawMaskSets, type MaskSet, masksOf, unitsByDegree } from "./made-masks.ts";
import { ranksOf } from "./positions.ts";

type Floats = HostArray<"float32">;
type Weights = { hidden: { weight: Floats; bias: Floats }[]; output: { weight: Floats }; direct?: { weight: Floats } };

const SIZE = 9;
const reference = referenceRuntime();
const data: DataSpec = { shape: [SIZE], values: "binary" };
const hidden = [40, 30];
const raster = rasterOrder(SIZE);
const sets = drawMaskSets(SIZE, hidden, { key: key(1), masks: 4, orders: [raster, permutation(key(2), SIZE)] });

/** The masks of a set on the host: one for each layer, the output's, the direct one. */
async function masksOnHost(set: MaskSet): Promise<Floats[]> {
  const all = () => {
    const masks = masksOf([set]);
    return [...hidden.map((_, l) => masks.hidden(l)), masks.output(), masks.direct()];
  };
  return (await (jit(all as never, reference) as unknown as () => Promise<Floats[]>)()) as Floats[];
}

/** Number of paths from each input to each output: the product of the masks. */
function paths(masks: readonly Floats[]): Float64Array {
  let product = Float64Array.from(masks[0]!.data);
  let inner = masks[0]!.shape[1]!;
  for (const mask of masks.slice(1)) {
    const columns = mask.shape[1]!;
    const next = new Float64Array(SIZE * columns);
    for (let i = 0; i < SIZE; i++)
      for (let j = 0; j < inner; j++)
        for (let k = 0; k < columns; k++)
          next[i * columns + k]! += product[i * inner + j]! * mask.data[j * columns + k]!;
    [product, inner] = [next, columns];
  }
  return product;
}

describe("mask sets", () => {
  it("take the orders in turn, the first of them raster, and have degrees of their own", () => {
    expect(sets.map(({ order }) => order === raster)).toEqual([true, false, true, false]);
    expect(sets[1]!.order).toBe(sets[3]!.order);
    expect(new Set(sets.map(({ degrees }) => degrees[0]!.join())).size).toBe(4);
  });

  it("have degrees from 1, or the least of the layer before, to the number of variables less one", () => {
    for (const { degrees } of sets) {
      let least = 1;
      degrees.forEach((layer, l) => {
        expect(layer.length).toBe(hidden[l]);
        expect(Math.min(...layer)).toBeGreaterThanOrEqual(least);
        expect(Math.max(...layer)).toBeLessThan(SIZE);
        least = Math.min(...layer);
      });
    }
  });

  it("stray from the first by at most their spread, within the same limits", () => {
    const near = drawMaskSets(SIZE, hidden, { key: key(1), masks: 5, orders: [raster], spread: 2 });
    expect(new Set(near.map(({ degrees }) => degrees[1]!.join())).size).toBe(5);
    for (const { degrees } of near)
      degrees.forEach((layer, l) => {
        const least = l === 0 ? 1 : Math.min(...degrees[l - 1]!);
        layer.forEach((degree, j) => {
          expect(degree).toBeGreaterThanOrEqual(least);
          expect(degree).toBeLessThan(SIZE);
          expect(Math.abs(degree - Math.max(least, near[0]!.degrees[l]![j]!))).toBeLessThanOrEqual(2);
        });
      });
    const same = drawMaskSets(SIZE, hidden, { key: key(1), masks: 2, orders: [raster], spread: 0 });
    expect(same[1]!.degrees).toEqual(same[0]!.degrees);
  });

  it.each([0, 1])(
    "connect each variable with all before it in the order of set %i and with no other",
    async (number) => {
      const set = sets[number]!;
      const all = await masksOnHost(set);
      const ranks = ranksOf(set.order);
      const product = paths(all.slice(0, -1));
      for (let i = 0; i < SIZE; i++)
        for (let j = 0; j < SIZE; j++) {
          const before = ranks[i]! < ranks[j]!;
          expect([i, j, product[i * SIZE + j]! > 0]).toEqual([i, j, before]);
          expect(all.at(-1)!.data[i * SIZE + j]).toBe(Number(before));
        }
    },
  );

  it("list every unit once, under its degree", () => {
    const { numbers, present } = unitsByDegree(sets, 1);
    const most = numbers.shape[2]!;
    sets.forEach(({ degrees }, s) => {
      const found = Array.from({ length: SIZE }, (_, degree) =>
        Array.from({ length: most }, (_, i) => (s * SIZE + degree) * most + i)
          .filter((at) => present.data[at] === 1)
          .map((at) => Number(numbers.data[at])),
      );
      expect(found.flat().toSorted((a, b) => a - b)).toEqual([...Array(hidden[1]).keys()]);
      found.forEach((units, degree) => {
        expect(units.every((unit) => degrees[1]![unit] === degree)).toBe(true);
      });
    });
  });
});

describe("MADE", () => {
  const x = new HostArray("float32", [6, SIZE], uniform(key(2), [6, SIZE]).data.map(Math.round));
  const options = { hidden, masks: 3, orders: 2, maskSeed: 5 };
  const model = made(options, data);
  const phase = model.learning.kind === "gradient" ? model.learning.phases[0]! : undefined;
  const params = model.init(key(3)) as unknown as Weights;
  params.direct!.weight.data.forEach((_, i, all) => {
    all[i] = Math.sin(i);
  });

  it("trains one mask set after the other", () => {
    expect([0, 1, 2, 3, 4].map((step) => phase!.scalars(step).set)).toEqual([0, 1, 2, 0, 1]);
    expect(made({ hidden }, data).learning).toMatchObject({ phases: [{ name: "likelihood" }] });
  });

  it("sends gradients through unmasked weights and through no others", async () => {
    const slopes = jit(
      ((
        p: { hidden: { weight: Tensor }[]; output: { weight: Tensor }; direct: { weight: Tensor } },
        x: Tensor,
        set: Tensor,
      ) =>
        gradients(phase!.loss(p as never, { x, noise: {}, scalars: { set } }).loss, [
          ...p.hidden.map(({ weight }) => weight),
          p.output.weight,
          p.direct.weight,
        ])) as never,
      reference,
    ) as unknown as (p: Weights, x: Floats, set: number) => Promise<Floats[]>;
    const drawn = model.factorisation.orders;
    for (let set = 0; set < 3; set++) {
      const found = await slopes(params, x, set);
      const ranks = ranksOf(drawn[set]!);
      found.at(-1)!.data.forEach((slope, at) => {
        if (ranks[Math.floor(at / SIZE)]! >= ranks[at % SIZE]!) expect(Math.abs(slope)).toBe(0);
      });
      for (const { data: slopesOf } of found) {
        const zeros = slopesOf.filter((slope) => slope === 0).length;
        expect(zeros).toBeGreaterThan(0);
        expect(zeros).toBeLessThan(slopesOf.length);
      }
    }
  });

  it("switches hidden units off in training and not in validation", async () => {
    const { learning } = made({ hidden, dropout: 0.5 }, data);
    const { loss, noise, validation } = learning.kind === "gradient" ? learning.phases[0]! : phase!;
    expect(noise(6)).toEqual({
      hidden0: { law: "bytes", shape: [6, 40] },
      hidden1: { law: "bytes", shape: [6, 30] },
    });
    const one = { hidden: params.hidden, output: params.output, direct: params.direct };
    const under = async (of: typeof loss, byte: number) => {
      const given = Object.fromEntries(
        hidden.map((units, l) => [`hidden${l}`, full("float32", [6, units], byte / 256)]),
      );
      const run = jit(
        ((p: typeof one, x: Tensor, noise: typeof given) =>
          of(p as never, { x, noise, scalars: {} } as never).loss) as never,
        reference,
      ) as unknown as (p: typeof one, x: Floats, noise: typeof given) => Promise<Floats>;
      return (await run(one, x, given)).data[0]!;
    };
    expect(await under(loss, 0)).not.toBeCloseTo(await under(loss, 255), 3);
    expect(await under(validation!.loss!, 0)).toBe(await under(validation!.loss!, 255));
  });

  it("averages the probabilities of its mask sets", async () => {
    const on = bind(reference, params as never);
    const { nats, via } = await model.logProb(on, x, { key: key(0) });
    const each = await Promise.all(
      [0, 1, 2].map(async (set) => {
        const order = new HostArray("int64", [], BigInt64Array.of(BigInt(set)));
        return (await on.run(model.functions.logProb!, { x, order })).logProb!.data;
      }),
    );
    expect(via).toBe("mean of the probabilities of 3 mask sets in 2 orders");
    nats.forEach((value, i) => {
      const mean = each.reduce((sum, one) => sum + Math.exp(one[i]!), 0) / 3;
      expect(Math.exp(value)).toBeCloseTo(mean, 7);
    });
    expect(new Set(each.map((one) => one[0])).size).toBe(3);
  });

  it("keeps no weights from inputs to outputs where it has no direct connections", () => {
    expect(Object.keys(made({ hidden, direct: false }, data).init(key(1)) as object)).toEqual(["hidden", "output"]);
  });

  it("models a single variable", async () => {
    const one = made({ hidden: [3] }, { shape: [1], values: "binary" });
    const both = new HostArray("float32", [2, 1], Float32Array.of(0, 1));
    const { nats } = await one.logProb(bind(reference, one.init(key(1))), both, { key: key(0) });
    expect(Math.exp(nats[0]!) + Math.exp(nats[1]!)).toBeCloseTo(1, 6);
  });
});
