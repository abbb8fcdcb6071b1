import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Tree } from "../../base/tree.ts";
import { scan, type Tensor } from "../../graph/index.ts";
import { fold, type Key, permutation } from "../../random/index.ts";
import { drawValue } from "../../samplers/draw.ts";
import { type Bound, drawNoise } from "../bound.ts";
import type { GraphFunction, Named, TracedParams } from "../contract.ts";

type Floats = HostArray<"float32">;

/** Conditionals of any variable given any others: what an orderless model has. */
export interface AnyOrder {
  /** What is kept when the values of x [B, D] are known where `observed` is 1. */
  readonly begin: (params: TracedParams, x: Tensor, observed: Tensor) => Tree<Tensor>;
  /** Logits of each example's variable at `place` [B] given what it knows: [B, levels], or [B] log-odds of 1. */
  readonly logits: (params: TracedParams, state: Tree<Tensor>, place: Tensor) => Tensor;
  /** What is kept once each example knows the value [B] of its variable at `place`. */
  readonly know: (params: TracedParams, state: Tree<Tensor>, place: Tensor, value: Tensor) => Tree<Tensor>;
}

/** Variables drawn in one run of the engine. */
const WINDOW = 128;

/** Inputs of a window: the places [B, window] to be filled, each example's own, with a uniform for each. */
interface Window<T> {
  readonly state: Tree<T>;
  readonly places: T;
  readonly uniforms: T;
}

/**
 * Completion by an orderless model: what is observed is known from the start, what is missing is drawn in an order
 * shuffled for each example, each value from its exact conditional given all that is known by then. The distribution is
 * that of the model's orders that begin with the observed variables, mixed with equal weights.
 */
export function anyOrderCompletion(model: AnyOrder, unit: number) {
  const functionOf = (apply: (params: TracedParams, inputs: never) => unknown): GraphFunction => ({
    doc: "",
    inputs: () => ({}),
    noise: {},
    apply: apply as unknown as GraphFunction["apply"],
  });
  const begin = functionOf((params, { x, observed }: { x: Tensor; observed: Tensor }) => ({
    state: model.begin(params, observed.greater(0.5).select(x, 0), observed),
  }));
  const draw = functionOf((params, window: Window<Tensor>) => drawWindow(model, unit, params, window));
  return async (on: Bound, x: Floats, observed: Floats, key: Key, first: number): Promise<Floats> => {
    const [count, size] = [x.shape[0]!, sizeOf(x.shape.slice(1))];
    const flat = (array: Floats) => new HostArray("float32", [count, size], array.data);
    const result = new HostArray("float32", x.shape, x.data.slice());
    const missing = Array.from({ length: count }, (_, i) =>
      shuffledMissing(observed.data.subarray(i * size, (i + 1) * size), fold(fold(key, "order"), first + i)),
    );
    const uniforms = drawNoise("uniform", fold(key, "values"), [count, size], first * size);
    let { state } = (await run(on, begin, { x: flat(x), observed: flat(observed) })) as { state: Tree<HostArray> };
    const most = Math.max(...missing.map((places) => places.length));
    for (let at = 0; at < most; at += WINDOW) {
      const places = missing.map((list) => list.subarray(at, at + WINDOW));
      const { values, ...next } = (await run(on, draw, windowOf(state, places, uniforms))) as Drawn;
      places.forEach((list, i) => {
        list.forEach((place, k) => {
          result.data[i * size + place] = values.data[i * WINDOW + k]!;
        });
      });
      state = next.state;
    }
    return result;
  };
}

interface Drawn {
  readonly values: Floats;
  readonly state: Tree<HostArray>;
}

const run = (on: Bound, fn: GraphFunction, inputs: object): Promise<unknown> => on.run(fn, inputs as Named<HostArray>);

function drawWindow(model: AnyOrder, unit: number, params: TracedParams, { state, places, uniforms }: Window<Tensor>) {
  const body = (known: Tree<Tensor>, { place, u }: { place: Tensor; u: Tensor }) => {
    const value = drawValue(model.logits(params, known, place), u).mul(unit);
    return { carry: model.know(params, known, place, value), y: value };
  };
  const { carry, ys } = scan(body, { init: state, xs: { place: places.transpose(), u: uniforms.transpose() } });
  return { values: ys.transpose(), state: carry };
}

/** Places to be filled with their uniforms; examples that have fewer draw the variable at place 0 for nobody. */
function windowOf(state: Tree<HostArray>, places: readonly Uint32Array[], uniforms: Floats): Window<HostArray> {
  const [count, size] = uniforms.shape as [number, number];
  const numbers = new HostArray("int64", [count, WINDOW], new BigInt64Array(count * WINDOW));
  const draws = new HostArray("float32", [count, WINDOW], new Float32Array(count * WINDOW));
  places.forEach((list, i) => {
    list.forEach((place, k) => {
      numbers.data[i * WINDOW + k] = BigInt(place);
      draws.data[i * WINDOW + k] = uniforms.data[i * size + place]!;
    });
  });
  return { state, places: numbers, uniforms: draws };
}

function shuffledMissing(observed: Float32Array, key: Key): Uint32Array {
  const missing = Uint32Array.from(observed.keys()).filter((place) => observed[place]! < 0.5);
  return missing.length === 0 ? missing : permutation(key, missing.length).map((i) => missing[i]!);
}
