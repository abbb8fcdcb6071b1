import { castHost, full, HostArray, int64 } from "../../base/host.ts";
import { leaves, mapTree, type Tree } from "../../base/tree.ts";
import type { Tensor } from "../../graph/index.ts";
import { compileExact, type Exact, type Runtime } from "../../runtime/index.ts";
import type { Params, TracedParams } from "../contract.ts";
import type { Cached, Factorisation, Rows } from "./factorisation.ts";

/** A model as a walk through its variables sees it. */
export interface Walked {
  readonly factorisation: Factorisation;
  readonly cached: Cached;
  readonly classes: number;
}

/**
 * Goes through the variables of a batch in their order and gives each one's logits, computed exactly: a decoder's only
 * way, and so the way of the encoder too. Both then run the same compiled functions on the same numbers.
 */
export interface Walk {
  /** Begins a batch. */
  start(labels: HostArray | undefined): void;
  /** Logits of the variable at place k of the order, given the value of the one before it (0 at the start). */
  next(k: number, previous: Float64Array): Promise<HostArray<"float64">>;
  dispose(): Promise<void>;
}

/** The walk of a model for batches of one size: by rows where the model generates so, else variable by variable. */
export function walkOf(model: Walked, runtime: Runtime, params: Params, batch: number): Promise<Walk> {
  const { rows } = model.cached;
  return rows ? walkRows(model, rows, runtime, params, batch) : walkSteps(model, runtime, params, batch);
}

type Values = Tree<HostArray>;

/** With floats as exact functions take them. */
const wide = (tree: Tree<HostArray>): Values =>
  mapTree<HostArray, HostArray>(tree, (leaf) =>
    castHost(leaf, leaf.dtype === "float32" ? "float64" : leaf.dtype),
  ) as Values;

const row = (previous: Float64Array) => new HostArray("float64", [previous.length], previous);
const number = (value: number) => int64([value], []);
const classesOf = ({ classes }: Walked, batch: number, labels?: HostArray) =>
  classes > 0 ? { labels: labels ?? full("float64", [batch, classes], 0) } : {};

/** Runs that write into the results of the run before the last: whoever keeps a result longer must copy it. */
function alternating<A, R>(compiled: Exact<A, R>): (args: A) => Promise<R> {
  let [last, spare]: [R | undefined, R | undefined] = [undefined, undefined];
  return async (args) => {
    const result = await compiled.run(args, spare);
    [spare, last] = [last, result];
    return result;
  };
}

interface StepArgs {
  readonly state: Values;
  readonly position: HostArray;
  readonly previous: HostArray;
  readonly labels?: HostArray;
  readonly order?: HostArray;
}
type StepResult = { readonly logits: HostArray<"float64">; readonly state: Values };

async function walkSteps(model: Walked, runtime: Runtime, params: Params, batch: number): Promise<Walk> {
  const { cached, factorisation } = model;
  const order = factorisation.orders.length > 1 ? { order: number(0) } : {};
  const begin = () => wide(cached.state(batch));
  const args = (state: Values, k: number, previous: Float64Array, labels?: HostArray): StepArgs => ({
    state,
    position: number(k),
    previous: row(previous),
    ...classesOf(model, batch, labels),
    ...order,
  });
  const fn = (traced: TracedParams, given: Record<string, Tensor>) =>
    cached.step(traced, (given.state ?? {}) as unknown as Tree<Tensor>, given as never);
  const example = args(begin(), 0, new Float64Array(batch));
  const step: Exact<StepArgs, StepResult> = await compileExact(fn as never, runtime, params, example);
  const run = alternating(step);
  let [state, known]: [Values, HostArray | undefined] = [begin(), undefined];
  return {
    start: (labels) => {
      [state, known] = [begin(), labels];
    },
    next: async (k, previous) => {
      const result = await run(args(state, k, previous, known));
      state = result.state ?? {};
      return result.logits;
    },
    dispose: () => step.dispose(),
  };
}

interface BeginArgs {
  readonly state: Values;
  readonly labels?: HostArray;
}
interface RowArgs {
  readonly carry: Values;
  readonly seen: Values;
  readonly column: HostArray;
  readonly previous: HostArray;
  readonly labels?: HostArray;
}
interface EndArgs {
  readonly state: Values;
  readonly made: Values;
  readonly values: HostArray;
}
type Begun = { readonly seen: Values; readonly state: Values };
type RowResult = { readonly logits: HostArray<"float64">; readonly carry: Values; readonly made: Values };

/** The three functions of rows, compiled. */
async function compileRows(model: Walked, rows: Rows, runtime: Runtime, params: Params, batch: number) {
  const labels = classesOf(model, batch);
  const state = wide(rows.state(batch));
  const stacked = stackedLike(rows, batch);
  const begin: Exact<BeginArgs, Begun> = await compileExact(
    ((p: TracedParams, { state: kept, ...given }: { state: Tree<Tensor>; labels?: Tensor }) =>
      rows.begin(p, kept ?? {}, given)) as never,
    runtime,
    params,
    { state, ...labels },
  );
  const first = await begin.run({ state, ...labels });
  const step: Exact<RowArgs, RowResult> = await compileExact(
    ((p: TracedParams, { carry, seen, ...given }: Record<string, Tensor>) => {
      const here = mapTree<Tensor, Tensor>(seen ?? {}, (leaf) => leaf.gather(given.column!, 0));
      return rows.step(p, (carry ?? {}) as unknown as Tree<Tensor>, here as unknown as Tree<Tensor>, given as never);
    }) as never,
    runtime,
    params,
    {
      carry: wide(rows.carry(batch)),
      seen: first.seen,
      column: number(0),
      previous: row(new Float64Array(batch)),
      ...labels,
    },
  );
  const end: Exact<EndArgs, Values> = await compileExact(
    ((_: TracedParams, { state: kept, made, values }: { state: Tree<Tensor>; made: Tree<Tensor>; values: Tensor }) =>
      rows.end(kept ?? {}, { made: made ?? {}, values })) as never,
    runtime,
    {},
    { state: first.state ?? {}, made: stacked, values: full("float64", [rows.length, batch], 0) },
  );
  return { begin, step, end };
}

/** What a row's variables leave, with room for all of them along a first axis. */
function stackedLike(rows: Rows, batch: number): Values {
  return wide(
    mapTree<HostArray, HostArray>(rows.made(batch), ({ dtype, shape }) =>
      full(dtype, [rows.length, ...shape], 0),
    ) as Tree<HostArray>,
  );
}

async function walkRows(model: Walked, rows: Rows, runtime: Runtime, params: Params, batch: number): Promise<Walk> {
  const { begin, step, end } = await compileRows(model, rows, runtime, params, batch);
  const [beginRow, runStep, endRow] = [alternating(begin), alternating(step), alternating(end)];
  const values = full("float64", [rows.length, batch], 0);
  const made = stackedLike(rows, batch);
  let labels = classesOf(model, batch);
  let state = wide(rows.state(batch));
  let carry = wide(rows.carry(batch));
  let begun: Begun | undefined;
  return {
    start: (given) => {
      labels = classesOf(model, batch, given);
      [state, begun] = [wide(rows.state(batch)), undefined];
    },
    next: async (k, previous) => {
      const column = k % rows.length;
      if (k > 0) values.data.set(previous, ((k - 1) % rows.length) * batch);
      if (column === 0) {
        if (begun) state = (await endRow({ state: begun.state ?? {}, made, values })) ?? {};
        begun = await beginRow({ state, ...labels });
        carry = wide(rows.carry(batch));
      }
      const before = column === 0 ? new Float64Array(batch) : previous;
      const given = { carry, seen: begun!.seen, column: number(column), previous: row(before), ...labels };
      const result = await runStep(given);
      carry = result.carry ?? {};
      put(made, result.made, column);
      return result.logits;
    },
    dispose: async () => {
      await Promise.all([begin.dispose(), step.dispose(), end.dispose()]);
    },
  };
}

/** Writes what a variable leaves into its place of the stacks. */
function put(stacks: Values, parts: Values, column: number): void {
  const sources = leaves<HostArray>(parts);
  leaves<HostArray>(stacks).forEach((stack, i) => {
    (stack.data as Float64Array).set(sources[i]!.data as Float64Array, column * sources[i]!.size);
  });
}
