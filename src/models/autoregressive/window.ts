import { full, type HostArray } from "../../base/host.ts";
import { mapTree, type Tree } from "../../base/tree.ts";
import { arange, concat, constant, scan, type Tensor } from "../../graph/index.ts";
import { drawValue } from "../../samplers/draw.ts";
import type { TracedParams } from "../contract.ts";
import { logProbOf } from "./density.ts";
import type { Cached, Factorisation, Rows } from "./factorisation.ts";

/** A model as generation sees it. */
export interface Generator {
  readonly factorisation: Factorisation;
  readonly cached: Cached;
  readonly unit: number;
  readonly size: number;
}

/** Inputs of a window of generation; everything is in the order's sequence. */
export interface Window<T> {
  readonly uniforms: T;
  /** Values to take where `observed` is 1, in model units. */
  readonly values: T;
  readonly observed: T;
  /** Number of variables before the window. */
  readonly first: T;
  readonly previous: T;
  readonly state: Tree<T>;
  readonly temperature: T;
  readonly topP?: T;
  readonly labels?: T;
  readonly order?: T;
}

/** What one variable is drawn with, in a window's sequence. */
interface Slot {
  readonly u: Tensor;
  readonly value: Tensor;
  readonly seen: Tensor;
}

/** Draws a window of variables one after the other inside the engine. */
export function generateWindow(g: Generator, params: TracedParams, w: Window<Tensor>, topK: number | undefined) {
  const { rows } = g.cached;
  const columns = (values: Tensor) => values.transpose();
  const xs: Slot = { u: columns(w.uniforms), value: columns(w.values), seen: columns(w.observed) };
  return rows ? windowByRows(g, rows, params, w, xs, topK) : windowByVariables(g, params, w, xs, topK);
}

/** The variable's value, drawn or as observed, and the log-probability of what was observed. */
function take(g: Generator, logits: Tensor, { u, value: known, seen }: Slot, w: Window<Tensor>, topK?: number) {
  const { temperature, topP } = w;
  const options = { temperature, ...(topP ? { topP } : {}), ...(topK === undefined ? {} : { topK }) };
  const value = seen.greater(0.5).select(known, drawValue(logits, u, options).mul(g.unit));
  return { value, nats: logProbOf(logits, value, g.unit).mul(seen) };
}

/** One scan over the window, or one for each segment of a state that grows between them. */
function windowByVariables(g: Generator, params: TracedParams, w: Window<Tensor>, xs: Slot, topK?: number) {
  const { labels, order } = w;
  const extra = { ...(labels ? { labels } : {}), ...(order ? { order } : {}) };
  const [span, batch] = xs.u.shape as [number, number];
  const { growing } = g.cached;
  type Carry = { previous: Tensor; nats: Tensor; state: Tree<Tensor> };
  const body = (carry: Carry, x: Slot & { at: Tensor }) => {
    const given = { position: w.first.add(x.at), previous: carry.previous, ...extra };
    const { logits, state } = g.cached.step(params, carry.state, given);
    const { value, nats } = take(g, logits, x, w, topK);
    return { carry: { previous: value, nats: carry.nats.add(nats), state }, y: value };
  };
  let carry: Carry = { previous: w.previous, nats: constant(full("float32", [batch], 0)), state: w.state };
  const drawn: Tensor[] = [];
  const all = { ...xs, at: arange(span) };
  const length = growing?.length(batch) ?? span;
  for (let start = 0; start < span; start += length) {
    const count = Math.min(length, span - start);
    const part = (tensor: Tensor) => (count === span ? tensor : tensor.slice(0, start, start + count));
    const done = scan(body, { init: carry, xs: mapTree<Tensor, Tensor>(all, part) as unknown as typeof all });
    carry = growing ? { ...done.carry, state: growing.extend(done.carry.state, count) } : done.carry;
    drawn.push(done.ys);
  }
  const values = drawn.length === 1 ? drawn[0]! : concat(drawn, 0);
  return { values: values.transpose(), previous: carry.previous, observedNats: carry.nats, state: carry.state };
}

/** The same in rows: a scan over rows, each with a scan over its variables. */
function windowByRows(g: Generator, rows: Rows, params: TracedParams, w: Window<Tensor>, xs: Slot, topK?: number) {
  const labels = w.labels ? { labels: w.labels } : {};
  const [span, batch] = xs.u.shape as [number, number];
  const columns = arange(rows.length);
  const start = mapTree<HostArray, Tensor>(rows.carry(batch), (leaf) => constant(leaf)) as Tree<Tensor>;
  type Carry = { previous: Tensor; nats: Tensor; carry: Tree<Tensor> };
  const variable = (now: Carry, x: Slot & { column: Tensor; owed: Tree<Tensor> }) => {
    const given = { column: x.column, previous: now.previous, ...labels };
    const { logits, carry, made } = rows.step(params, now.carry, x.owed, given);
    const { value, nats } = take(g, logits, x, w, topK);
    return { carry: { previous: value, nats: now.nats.add(nats), carry }, y: { value, made } };
  };
  const row = (now: { nats: Tensor; state: Tree<Tensor> }, x: Slot) => {
    const { seen: owed, state } = rows.begin(params, now.state, labels);
    const init: Carry = { previous: constant(full("float32", [batch], 0)), nats: now.nats, carry: start };
    const { carry, ys } = scan(variable, { init, xs: { ...x, column: columns, owed } });
    return {
      carry: { nats: carry.nats, state: rows.end(state, { made: ys.made, values: ys.value }) },
      y: ys.value,
    };
  };
  const init = { nats: constant(full("float32", [batch], 0)), state: w.state };
  const inRows = mapTree<Tensor, Tensor>(xs, (x) => x.reshape([-1, rows.length, batch])) as unknown as Slot;
  const { carry, ys } = scan(row, { init, xs: inRows });
  const values = ys.reshape([span, batch]).transpose();
  return { values, previous: w.previous, observedNats: carry.nats, state: carry.state };
}

/** Variables drawn in one run of the engine: between runs there is time to tell how far it is. */
const WINDOW = 256;

/** The same where they come in rows: as many rows as fit and leave no shorter window at the end. */
export function windowOf({ cached: { rows }, size }: Generator): number {
  if (!rows) return WINDOW;
  const count = size / rows.length;
  let most = Math.max(1, Math.min(count, Math.floor(WINDOW / rows.length)));
  while (count % most !== 0) most--;
  return most * rows.length;
}
