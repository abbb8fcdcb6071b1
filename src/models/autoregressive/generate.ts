import { full, HostArray, int64 } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { mapTree, type Tree } from "../../base/tree.ts";
import { arange, concat, constant, scan, type Tensor } from "../../graph/index.ts";
import { drawValue } from "../../samplers/draw.ts";
import type { Bound } from "../bound.ts";
import type { GraphFunction, Named, TracedParams } from "../contract.ts";
import { logProbOf } from "./density.ts";
import type { Cached, Factorisation, Rows } from "./factorisation.ts";

type Floats = HostArray<"float32">;

/** What fixes how values are drawn; each combination is a function of its own. */
export interface Drawing {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
}

/** A model as generation sees it. */
export interface Generator {
  readonly factorisation: Factorisation;
  readonly cached: Cached;
  readonly unit: number;
  readonly size: number;
}

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

/** Inputs of a window of generation; everything is in the order's sequence. */
interface Window<T> {
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
function windowOf({ cached: { rows }, size }: Generator): number {
  if (!rows) return WINDOW;
  const count = size / rows.length;
  let most = Math.max(1, Math.min(count, Math.floor(WINDOW / rows.length)));
  while (count % most !== 0) most--;
  return most * rows.length;
}

/** What is drawn: uniforms for every variable at its place, and what is known of the examples. */
export interface Draws {
  readonly uniforms: Floats;
  readonly values?: Floats;
  readonly observed?: Floats;
  readonly labels?: Floats;
  readonly order?: number;
}

/** Values [B, D] at their places, and the log-probability of what was observed given what came before it [B]. */
export interface Generated {
  readonly values: Floats;
  readonly observedNats: Floats;
}

/** Generates a batch with a model's parameters; compiled functions are kept by how values are drawn. */
export function batchGenerator(g: Generator) {
  const functions = new Map<string, GraphFunction>();
  const span = windowOf(g);
  const functionFor = ({ topK, topP }: Drawing): GraphFunction => {
    const name = `${topK}/${topP === undefined}`;
    const apply = (params: TracedParams, inputs: Named<Tensor>) =>
      generateWindow(g, params, inputs as unknown as Window<Tensor>, topK) as unknown as Named<Tensor>;
    const made = functions.get(name) ?? { doc: "", inputs: () => ({}), noise: {}, apply };
    functions.set(name, made);
    return made;
  };
  return async (
    on: Bound,
    draws: Draws,
    drawing: Drawing,
    progress?: (fraction: number) => void,
  ): Promise<Generated> => {
    const order = g.factorisation.orders[draws.order ?? 0]!;
    const batch = draws.uniforms.shape[0]!;
    const values = zeros([batch, g.size]);
    const observedNats = zeros([batch]);
    let state: Tree<HostArray> = (g.cached.rows ?? g.cached.growing ?? g.cached).state(batch);
    let previous = zeros([batch]);
    const start = g.factorisation.given ? 1 : 0;
    if (g.factorisation.given) {
      previous = givenValues(g, draws, order[0]!);
      putColumns(values, previous, order.subarray(0, 1));
    }
    for (let first = start; first < g.size; first += span) {
      const places = order.subarray(first, Math.min(g.size, first + span));
      const window: Window<HostArray> = {
        uniforms: columnsOf(draws.uniforms, places),
        values: draws.values ? columnsOf(draws.values, places) : zeros([batch, places.length]),
        observed: draws.observed ? columnsOf(draws.observed, places) : zeros([batch, places.length]),
        first: int64([first], []),
        previous,
        state,
        temperature: scalarOf(drawing.temperature ?? 1),
        ...(drawing.topP === undefined ? {} : { topP: scalarOf(drawing.topP) }),
        ...(draws.labels ? { labels: draws.labels } : {}),
        ...(g.factorisation.orders.length > 1 ? { order: int64([draws.order ?? 0], []) } : {}),
      };
      const result = (await on.run(functionFor(drawing), window as unknown as Named<HostArray>)) as unknown as {
        readonly values: Floats;
        readonly previous: Floats;
        readonly observedNats: Floats;
        readonly state?: Tree<HostArray>;
      };
      putColumns(values, result.values, places);
      result.observedNats.data.forEach((nats, i) => {
        observedNats.data[i]! += nats;
      });
      previous = result.previous;
      state = result.state ?? {};
      progress?.((first + places.length) / g.size);
    }
    return { values, observedNats };
  };
}

/** The values [batch] of the variable that is given: as observed, else the usual one, else drawn evenly. */
function givenValues({ factorisation: { levels, given }, unit, size }: Generator, draws: Draws, place: number): Floats {
  const { uniforms, values, observed } = draws;
  const usual = (i: number) => given!.value ?? Math.min(levels - 1, Math.floor(uniforms.data[i]! * levels));
  const data = new Float32Array(uniforms.shape[0]!);
  for (let b = 0; b < data.length; b++) {
    const i = b * size + place;
    data[b] = observed && observed.data[i]! > 0.5 ? (values?.data[i] ?? 0) : usual(i) * unit;
  }
  return new HostArray("float32", [data.length], data);
}

const zeros = (shape: readonly number[]) => new HostArray("float32", shape, new Float32Array(sizeOf(shape)));
const scalarOf = (value: number) => new HostArray("float32", [], Float32Array.of(value));

/** The columns of a matrix at the given places. */
function columnsOf(matrix: Floats, places: Uint32Array): Floats {
  const [rows, width] = [matrix.shape[0]!, sizeOf(matrix.shape.slice(1))];
  const result = zeros([rows, places.length]);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < places.length; k++) result.data[i * places.length + k] = matrix.data[i * width + places[k]!]!;
  return result;
}

function putColumns(matrix: Floats, columns: Floats, places: Uint32Array): void {
  const [rows, width] = matrix.shape as [number, number];
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < places.length; k++) matrix.data[i * width + places[k]!] = columns.data[i * places.length + k]!;
}
