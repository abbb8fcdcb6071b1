import { HostArray, scalar } from "../../src/base/host.ts";
import { leaves, type MapLeaves, mapTree, withLeaves } from "../../src/base/tree.ts";
import { gradients, type Tensor, trace } from "../../src/graph/index.ts";
import type { Optimizer, Slots } from "../../src/optim/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import type { Executable } from "../../src/runtime/runtime.ts";
import { arrayFor, copyInto } from "../../src/runtime/runtime.ts";
import type { Work } from "../harness.ts";

/** A tree of host arrays as the tensors a graph function sees. */
export type Traced<T> = MapLeaves<T, HostArray, Tensor>;

/** What a training workload is: parameters, one batch, its loss and how to update. */
export interface Training<P, B> {
  readonly params: P;
  /** Inputs of the loss; `draw` overwrites the noise among them before each step. */
  readonly batch: B;
  readonly loss: (params: Traced<P>, batch: Traced<B>) => Tensor;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  readonly draw?: (step: number) => void;
}

interface Feed<T> {
  readonly learningRate: T;
  readonly scalars: { readonly [name: string]: T };
}

/** Forward, backward and update as one graph function from state and batch to state and loss. */
function stepFunction<P, B>({ loss, optimizer }: Training<P, B>) {
  return (state: { params: Traced<P>; slots: Slots<Tensor> }, batch: Traced<B>, feed: Feed<Tensor>) => {
    const value = loss(state.params, batch);
    const grads = withLeaves<Tensor>(state.params, gradients(value, leaves<Tensor>(state.params)));
    const updated = optimizer.update(grads as Traced<P>, state.slots, state.params, feed);
    return { state: { params: updated.params, slots: updated.state }, loss: value };
  };
}

/** Number of values in a tree of arrays. */
export function parameterCount(params: unknown): number {
  return leaves<HostArray>(params).reduce((sum, leaf) => sum + leaf.size, 0);
}

/** Steps from one set of state buffers into the other and back, so that nothing is copied. */
export function alternating(executable: Executable, state: HostArray[], rest: HostArray[], results: HostArray[]) {
  const other = state.map(({ dtype, shape }) => arrayFor({ name: "", dtype, shape }));
  const there = executable.bind([...state, ...rest], [...other, ...results]);
  const back = executable.bind([...other, ...rest], [...state, ...results]);
  return (step: number) => (step % 2 === 0 ? there : back).run();
}

/** Traces, compiles and binds a training step. */
export async function trainingWork<P, B>(training: Training<P, B>, threads: number): Promise<Work> {
  const start = performance.now();
  const { optimizer, batch } = training;
  const state = {
    params: mapTree<HostArray, HostArray>(training.params, copyOf),
    slots: optimizer.init(training.params),
  };
  const feed: Feed<HostArray> = { learningRate: scalar(training.learningRate), scalars: optimizer.scalars(0) };
  const { graph } = trace(stepFunction(training), [state, batch, feed]);
  const runtime = await nativeRuntime({ threads });
  const executable = await runtime.compile(graph);
  const loss = scalar(0);
  const run = alternating(executable, leaves(state), leaves([batch, feed]), [loss]);
  let taken = 0;
  const step = async () => {
    training.draw?.(taken);
    for (const [name, value] of Object.entries(optimizer.scalars(taken))) copyInto(feed.scalars[name]!, value);
    await run(taken++);
  };
  return {
    step,
    parameters: parameterCount(training.params),
    loss: () => loss.data[0]!,
    prepareSeconds: (performance.now() - start) / 1000,
    release: () => executable.dispose(),
  };
}

function copyOf<D extends HostArray>(array: D): HostArray {
  return new HostArray(array.dtype, array.shape, array.data.slice());
}
