import { describe, expect, it } from "vitest";
import { HostArray } from "../../../base/host.ts";
import { namedLeaves } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import { constant, type Tensor } from "../../../graph/index.ts";
import { fold, key, normal } from "../../../random/index.ts";
import { jit, referenceRuntime } from "../../../runtime/index.ts";
import { bind, drawNoise } from "../../bound.ts";
import type { Params, Phase } from "../../contract.ts";
import { batchGenerator } from "../generate.ts";
import { naive } from "../naive.ts";
import { gpt } from "./gpt.ts";

type Floats = HostArray<"float32">;

const runtime = referenceRuntime();
const small = { layers: 2, heads: 2, headWidth: 4 };
const text: DataSpec = { shape: [7], values: "tokens", vocabulary: 5 };
const framed: DataSpec = { ...text, boundary: 0 };

const tokens = (...rows: number[][]) =>
  new HostArray("float32", [rows.length, rows[0]!.length], Float32Array.from(rows.flat()));

/** Parameters away from their initial values. */
function shaken(params: Params): Params {
  return Object.fromEntries(
    namedLeaves<Floats>(params).map(({ path, leaf }) => {
      const noise = normal(fold(key(7), path), leaf.shape).data;
      return [
        path,
        new HostArray(
          "float32",
          leaf.shape,
          leaf.data.map((x, i) => x + 0.3 * noise[i]!),
        ),
      ];
    }),
  ) as Params;
}

/** The same leaves in the tree of the model. */
const parametersOf = (model: ReturnType<typeof gpt>) => {
  const flat = shaken(model.init(key(1))) as unknown as Record<string, Floats>;
  const fill = (tree: unknown, path: string): unknown => {
    if (tree instanceof HostArray) return flat[path]!;
    const at = (name: string) => (path === "" ? name : `${path}/${name}`);
    if (Array.isArray(tree)) return tree.map((item, i) => fill(item, at(String(i))));
    return Object.fromEntries(Object.entries(tree as object).map(([name, item]) => [name, fill(item, at(name))]));
  };
  return fill(model.init(key(1)), "") as Params;
};

describe("windows of tokens", () => {
  const model = gpt(small, text);
  const on = bind(runtime, parametersOf(model));

  it("probabilities of all continuations of a first token sum to one", async () => {
    const short: DataSpec = { ...text, shape: [4] };
    const own = gpt(small, short);
    const all = Array.from({ length: 125 }, (_, i) => [2, i % 5, Math.floor(i / 5) % 5, Math.floor(i / 25)]);
    const { nats } = await own.logProb(bind(runtime, parametersOf(own)), tokens(...all), { key: key(0) });
    expect(nats.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 6);
  });

  it("the first token is given: it has no conditional and changes those after it", async () => {
    const rows = tokens([0, 1, 2, 3, 4, 0, 1], [3, 1, 2, 3, 4, 0, 1]);
    const { logConditionals } = await on.run(model.functions.conditionals!, { x: rows });
    expect(logConditionals!.data[0]).toBe(0);
    expect(logConditionals!.data[7]).toBe(0);
    for (let k = 1; k < 7; k++) expect(logConditionals!.data[k]).not.toBe(logConditionals!.data[7 + k]);
  });

  it("nothing is counted after the second boundary token", async () => {
    const own = gpt(small, framed);
    const bound = bind(runtime, parametersOf(own));
    const rows = tokens([0, 3, 1, 0, 0, 0, 0], [0, 3, 1, 0, 2, 4, 1]);
    const { nats } = await own.logProb(bound, rows, { key: key(0) });
    expect(nats[1]).toBe(nats[0]);
    const { logConditionals } = await bound.run(own.functions.conditionals!, { x: rows });
    expect(Array.from(logConditionals!.data.subarray(0, 7), (value) => value !== 0)).toEqual([
      ...[false, true, true, true],
      ...[false, false, false],
    ]);
  });

  it("reports nats per token that counts", async () => {
    const phase = (gpt(small, framed).learning as { phases: readonly Phase[] }).phases[0]!;
    const rows = tokens([0, 3, 1, 0, 0, 0, 0], [0, 1, 2, 3, 4, 1, 2]); // 3 and 6 tokens count
    const run = jit(
      ((p: never, x: Tensor) => phase.loss(p, { x, noise: {}, scalars: {} })) as never,
      runtime,
    ) as unknown as (p: Params, x: Floats) => Promise<{ loss: Floats; metrics: { natsPerToken: Floats } }>;
    const { loss, metrics } = await run(gpt(small, framed).init(key(1)), rows);
    expect(metrics.natsPerToken.data[0]).toBeCloseTo(loss.data[0]! / 4.5, 5);
    expect(metrics.natsPerToken.data[0]).toBeCloseTo(Math.log(5), 1);
  });

  it.each([1, 3])("generates with its caches what whole passes give, for %i texts", async (batch) => {
    const f = model.factorisation;
    const uniforms = drawNoise("uniform", key(4), [batch, 7]);
    const parts = { factorisation: f, unit: 1, size: 7 };
    const draws = { uniforms };
    const slow = await batchGenerator({ ...parts, cached: naive(f, text.shape) })(on, draws, {});
    const fast = await batchGenerator({ ...parts, cached: f.cached! })(on, draws, {});
    expect(fast.values.data).toEqual(slow.values.data);
    expect(new Set(fast.values.data).size).toBeGreaterThan(1);
  });

  it("begins with the boundary where there is one, and else with what is observed", async () => {
    const own = gpt(small, framed);
    const bound = bind(runtime, parametersOf(own));
    const names = await own.sample(bound, { count: 4, key: key(5) });
    expect([0, 7, 14, 21].map((i) => names.data[i])).toEqual([0, 0, 0, 0]);
    const mask = tokens([1, 1, 0, 0, 0, 0, 0]);
    const done = await model.complete(on, tokens([4, 2, 0, 0, 0, 0, 0]), mask, { key: key(6) });
    expect([...done.data.subarray(0, 2)]).toEqual([4, 2]);
  });
});

describe("variations", () => {
  it.each([
    [{ norm: "rms", activation: "swiglu", hidden: 6, tied: false, positions: "learned" }, ["head", "positions/0"]],
    [{ norm: "layer", activation: "gelu", tied: true, positions: "rotary" }, ["body/norm/bias"]],
  ])("%j has the parameters it needs", (options, expected) => {
    const paths = namedLeaves(gpt({ ...small, ...options }, text).init(key(1))).map(({ path }) => path);
    for (const path of expected) expect(paths).toContain(path);
    expect(paths.includes("body/norm/bias")).toBe(options.norm === "layer");
    expect(paths.includes("head")).toBe(!options.tied);
  });

  it("drops parts of the stream while training only", async () => {
    const dropping = gpt({ ...small, dropout: 0.5 }, text);
    const phase = (dropping.learning as { phases: readonly Phase[] }).phases[0]!;
    const rows = tokens([0, 1, 2, 3, 4, 0, 1]);
    const params = parametersOf(dropping);
    const lossOf = async (seed: number, validation: boolean) => {
      const noise = Object.entries(phase.noise(1)).map(([name, { law, shape }]) => [
        name,
        constant(drawNoise(law, fold(key(seed), name), shape)),
      ]);
      const loss = validation ? phase.validation!.loss! : phase.loss;
      const fn = (p: never, x: Tensor) => loss(p, { x, noise: Object.fromEntries(noise), scalars: {} }).loss;
      const run = jit(fn as never, runtime) as unknown as (p: Params, x: Floats) => Promise<Floats>;
      return (await run(params, rows)).data[0]!;
    };
    expect(Object.keys(phase.noise(1))).toEqual(["embedding", "0/attention", "0/mlp", "1/attention", "1/mlp"]);
    expect(await lossOf(1, false)).not.toBe(await lossOf(2, false));
    const { nats } = await dropping.logProb(bind(runtime, params), rows, { key: key(0) });
    expect(await lossOf(1, true)).toBeCloseTo(-nats[0]!, 4);
  });

  it("says which widths do not turn by position", () => {
    expect(() => gpt({ ...small, headWidth: 3 }, text)).toThrow(/even width per head, got 3/);
  });
});
