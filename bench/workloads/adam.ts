import { type HostArray, scalar } from "../../src/base/host.ts";
import { leaves } from "../../src/base/tree.ts";
import { type Tensor, trace } from "../../src/graph/index.ts";
import { adam, type Slots } from "../../src/optim/index.ts";
import { fold, key, normal } from "../../src/random/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import type { Work, Workload } from "../harness.ts";
import { sizes } from "./sizes.ts";
import { alternating } from "./trainer.ts";

type Tensors<T> = readonly T[];

interface State<T> {
  readonly params: Tensors<T>;
  readonly slots: Slots<T>;
}

/** The update alone: ten equal tensors, gradients that are given. */
async function prepare(total: number, threads: number): Promise<Work> {
  const { tensors, learningRate } = sizes.adam;
  const draw = (tag: string) =>
    Array.from({ length: tensors }, (_, i) => normal(fold(fold(key(0), tag), i), [total / tensors]));
  const optimizer = adam();
  const params: Tensors<HostArray> = draw("params");
  const state: State<HostArray> = { params, slots: optimizer.init(params) };
  const feed = { grads: draw("grads"), learningRate: scalar(learningRate), scalars: optimizer.scalars(10) };
  type Feed = { grads: Tensors<Tensor>; learningRate: Tensor; scalars: Record<string, Tensor> };
  const update = (traced: State<Tensor>, { grads, ...inputs }: Feed) => {
    const updated = optimizer.update(grads, traced.slots, traced.params, inputs);
    return { params: updated.params, slots: updated.state };
  };
  const runtime = await nativeRuntime({ threads });
  const executable = await runtime.compile(trace(update, [state, feed]).graph);
  const run = alternating(executable, leaves(state), leaves(feed), []);
  let taken = 0;
  return { step: () => run(taken++), parameters: total, release: () => executable.dispose() };
}

/** Adam on one and on ten million parameters. */
export const adamWorkloads: Workload[] = Object.entries(sizes.adam.parameters).map(([name, total]) => ({
  name: `adam/${name}`,
  prepare: (threads) => prepare(total, threads),
}));
