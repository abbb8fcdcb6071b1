import { full, HostArray, int64 } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import { concat, constant, matmul, type Tensor } from "../graph/index.ts";
import type { AttentionOptions } from "./attention.ts";
import type { WeightParams } from "./linear.ts";
import type { Traced } from "./module.ts";
import { additiveMask, visibility } from "./pattern.ts";
import { rotaryStep } from "./rotary.ts";

/** Keys and values of some positions, each [batch, heads, positions, width/heads]. Apart, so that no step has to cut them. */
export interface KeysValues<T> {
  readonly keys: T;
  readonly values: T;
}

/**
 * Keys and values of the positions so far. Those since the last settling are handed on from step to step, each at its step's
 * place; the settled ones before them are only read, so a loop need not carry them.
 */
export interface AttentionCache<T> {
  readonly settled?: KeysValues<T>;
  /** Zero where nothing is yet. */
  readonly recent: KeysValues<T>;
}

/** A cache without positions. */
export function emptyCache(shape: readonly number[]): AttentionCache<HostArray> {
  return { recent: { keys: full("float32", shape, 0), values: full("float32", shape, 0) } };
}

/** Settles the last `count` of the recent positions. */
export function extendCache({ settled, recent }: AttentionCache<Tensor>, count: number): AttentionCache<Tensor> {
  const { shape } = recent.keys;
  const last = (x: Tensor) => x.slice(2, 0, count);
  const after = (before: Tensor | undefined, x: Tensor) => (before ? concat([before, last(x)], 2) : last(x));
  const empty = constant(new HostArray("float32", shape, new Float32Array(sizeOf(shape))));
  return {
    settled: { keys: after(settled?.keys, recent.keys), values: after(settled?.values, recent.values) },
    recent: { keys: empty, values: empty },
  };
}

/** Positions among the settled ones that steps of this segment see, and which of them each step sees. */
function settledView(options: AttentionOptions, length: number, room: number) {
  const sees = visibility(options.pattern);
  const total = options.pattern?.starts.at(-1) ?? Number.POSITIVE_INFINITY;
  const steps = Array.from({ length: Math.min(room, total - length) }, (_, row) => length + row);
  const keys = Array.from({ length }, (_, key) => key).filter((key) => steps.some((step) => sees(step, key)));
  const all = steps.every((step) => keys.every((key) => sees(step, key)));
  const mask = (row: number, column: number) => length + row >= total || sees(length + row, keys[column]!);
  return { keys, mask: all ? undefined : additiveMask(room, keys.length, mask) };
}

/** One step of attention without its output projection: x [B, width] → y [B, width], and the cache with its position. */
export function attendStep(
  options: AttentionOptions,
  params: Traced<WeightParams>,
  x: Tensor,
  cache: AttentionCache<Tensor>,
  position: Tensor,
): { readonly y: Tensor; readonly cache: AttentionCache<Tensor> } {
  const { width, heads, pattern } = options;
  const [batch, room, length] = [x.shape[0]!, cache.recent.keys.shape[2]!, cache.settled?.keys.shape[2] ?? 0];
  const row = position.sub(length);
  const projected = scaledProduct(params, x, width, heads).reshape([batch, 3, heads, 1, width / heads]);
  const turned = options.rotary ? rotaryStep(projected, row, length, room) : projected;
  const [q, key, value] = turned.reshape([batch, 3 * heads, 1, -1]).split(3, 1) as [Tensor, Tensor, Tensor];
  const recent = {
    keys: cache.recent.keys.updateSlice(row, key, 2),
    values: cache.recent.values.updateSlice(row, value, 2),
  };
  const sees = visibility(pattern);
  const total = pattern?.starts.at(-1) ?? Number.POSITIVE_INFINITY;
  const inSegment = (step: number, slot: number) => {
    if (slot > step) return false;
    return length + step >= total ? slot === step : sees(length + step, length + slot);
  };
  const scores = matmul(q, recent.keys, { transposeB: true }).add(additiveMask(room, room, inSegment).gather(row));
  const merged = (y: Tensor) => y.reshape([batch, width]);
  const next = { ...(cache.settled ? { settled: cache.settled } : {}), recent };
  const view = cache.settled && settledView(options, length, room);
  if (!view || view.keys.length === 0) return { y: merged(scores.softmax(-1).matmul(recent.values)), cache: next };
  const places = view.keys.length === length ? undefined : constant(int64(view.keys, [view.keys.length]));
  const seen = (of: Tensor) => (places ? of.gather(places, 2) : of);
  const old = matmul(q, seen(cache.settled!.keys), { transposeB: true });
  const masked = view.mask ? old.add(view.mask.gather(row)) : old;
  const [pOld, pNew] = concat([masked, scores], -1).softmax(-1).split([view.keys.length, room], -1) as [Tensor, Tensor];
  return { y: merged(pOld.matmul(seen(cache.settled!.values)).add(pNew.matmul(recent.values))), cache: next };
}

/** x·W + b with the queries scaled by 1/√d; in a loop the scaled weights are made once, before it. */
function scaledProduct({ weight, bias }: Traced<WeightParams>, x: Tensor, width: number, heads: number): Tensor {
  const scale = 1 / Math.sqrt(width / heads);
  const data = Float32Array.from({ length: 3 * width }, (_, i) => (i < width ? scale : 1));
  const factors = constant(new HostArray("float32", [3 * width], data));
  const product = x.matmul(weight.mul(factors));
  return bias ? product.add(bias.mul(factors)) : product;
}
