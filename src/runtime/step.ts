import { ShapeError, UsageError } from "../base/errors.ts";
import { HostArray, scalar } from "../base/host.ts";
import { sameShape } from "../base/shape.ts";
import { leaves, mapTree, namedLeaves, withLeaves } from "../base/tree.ts";
import type { NamedTensor } from "../graph/graph.ts";
import { type Graph, trace } from "../graph/index.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type HostInput, type HostOutput, toHostArray } from "./jit.ts";
import { arrayFor, assertFits, type Binding, copyInto, type Executable, type Port, type Runtime } from "./runtime.ts";

/** A compiled step state → state that is run over and over, as in training. */
export interface Step<S, I, M> {
  /** The state now: live buffers, overwritten two runs later. */
  readonly state: HostOutput<S>;
  /** One step. Arrays in `inputs` are read in place; the returned metrics are copies. */
  run(inputs: HostInput<I>): Promise<HostOutput<M>>;
  /** A copy of the state that later runs leave alone. */
  snapshot(): HostOutput<S>;
  /** Replaces the state by the given values. */
  load(state: HostOutput<S>): void;
  /** The compiled function behind it. */
  readonly executable: Executable;
  dispose(): Promise<void>;
}

/** What a step starts from: initial state (copied) and inputs that show shapes and dtypes (values or specs). */
export interface StepExample<S> {
  readonly state: HostInput<S>;
  readonly inputs: unknown;
}

/**
 * Compiles a step. The state lives in two sets of buffers that swap roles at each run, so that nothing is allocated
 * and no output shares memory with an input.
 */
export async function compileStep<S, I, M>(
  fn: (state: S, inputs: I) => { state: S; metrics: M },
  runtime: Runtime,
  example: StepExample<S>,
): Promise<Step<S, I, M>> {
  const initial = mapTree<unknown, HostArray>(example.state, toHostArray);
  const { graph, result } = trace(fn as never, [initial, example.inputs]) as {
    graph: Graph;
    result: { state: unknown; metrics: unknown };
  };
  const state = matchState(namedLeaves<HostArray>(initial), namedLeaves<Tensor>(result.state));
  const metrics = namedLeaves<Tensor>(result.metrics, "metrics").map(({ path, leaf }) => ({
    name: path,
    tensor: leaf,
  }));
  const executable = await runtime.compile({ inputs: graph.inputs, outputs: [...state, ...metrics] });
  return new CompiledStep<S, I, M>(executable, initial, result.metrics);
}

/** The new state in the order of the old one; throws where an entry is missing or changes shape or dtype. */
function matchState(before: readonly Named<HostArray>[], after: readonly Named<Tensor>[]): NamedTensor[] {
  const byPath = new Map(after.map(({ path, leaf }) => [path, leaf]));
  if (before.length < after.length) throw new ShapeError("the step returns state that it does not take");
  return before.map(({ path, leaf }) => {
    const next = byPath.get(path);
    if (!next) throw new ShapeError(`the step takes state "${path}" but does not return it`);
    if (next.dtype === leaf.dtype && sameShape(next.shape, leaf.shape)) return { name: `state/${path}`, tensor: next };
    const given = `${leaf.dtype}[${leaf.shape.join(", ")}]`;
    throw new ShapeError(`the step turns state "${path}" from ${given} into ${next}; it must keep shape and dtype`);
  });
}

interface Named<Leaf> {
  readonly path: string;
  readonly leaf: Leaf;
}

class CompiledStep<S, I, M> implements Step<S, I, M> {
  readonly executable: Executable;
  private readonly tree: unknown;
  private readonly metricTree: unknown;
  private readonly sets: readonly [HostArray[], HostArray[]];
  private readonly metrics: HostArray[];
  private readonly scalars: HostArray[];
  private readonly bindings: readonly [Binding, Binding];
  private parity = 0;
  private running = false;

  constructor(executable: Executable, initial: unknown, metricTree: unknown) {
    this.executable = executable;
    this.tree = initial;
    this.metricTree = metricTree;
    const start = leaves<HostArray>(initial);
    const count = start.length;
    const buffers = () => start.map((value, i) => arrayFor(portLike(String(i), value)));
    this.sets = [buffers(), buffers()];
    start.forEach((value, i) => {
      copyInto(this.sets[0][i]!, value);
    });
    this.metrics = executable.outputs.slice(count).map((port) => arrayFor(port));
    const inputs = executable.inputs.slice(count).map((port) => arrayFor(port));
    this.scalars = inputs;
    const [even, odd] = this.sets;
    this.bindings = [
      executable.bind([...even, ...inputs], [...odd, ...this.metrics]),
      executable.bind([...odd, ...inputs], [...even, ...this.metrics]),
    ];
  }

  get state(): HostOutput<S> {
    return withLeaves(this.tree, this.sets[this.parity as 0 | 1]) as HostOutput<S>;
  }

  async run(inputs: HostInput<I>): Promise<HostOutput<M>> {
    if (this.running) throw new UsageError("the step is still running; await it before the next one");
    const parity = this.parity as 0 | 1;
    const binding = this.bindings[parity];
    this.setInputs(binding, leaves<unknown>(inputs));
    this.running = true;
    try {
      await binding.run();
    } finally {
      this.running = false;
    }
    this.parity = 1 - parity;
    return withLeaves(this.metricTree, this.metrics.map(copy)) as HostOutput<M>;
  }

  private setInputs(binding: Binding, values: readonly unknown[]): void {
    const first = this.sets[0].length;
    if (values.length !== this.scalars.length)
      throw new ShapeError(`the step has ${this.scalars.length} inputs, got ${values.length}`);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "number") {
        const own = this.scalars[i]!;
        assertFits(scalar(value), this.executable.inputs[first + i]!, "input");
        (own.data as Float32Array)[0] = value;
        binding.set(first + i, own);
      } else binding.set(first + i, toHostArray(value, this.executable.inputs[first + i]!.name));
    }
  }

  snapshot(): HostOutput<S> {
    return mapTree<HostArray, HostArray>(this.state, copy) as HostOutput<S>;
  }

  load(state: HostOutput<S>): void {
    const current = this.sets[this.parity as 0 | 1];
    const given = namedLeaves<HostArray>(state);
    if (given.length !== current.length)
      throw new ShapeError(`the step's state has ${current.length} entries, got ${given.length}`);
    given.forEach(({ path, leaf }, i) => {
      assertFits(leaf, portLike(path, current[i]!), "input");
      copyInto(current[i]!, leaf);
    });
  }

  async dispose(): Promise<void> {
    await this.executable.dispose();
  }
}

const portLike = (name: string, { shape, dtype }: HostArray): Port => ({ name, shape, dtype });

function copy(array: HostArray): HostArray {
  return new HostArray(array.dtype, array.shape, array.data.slice());
}
