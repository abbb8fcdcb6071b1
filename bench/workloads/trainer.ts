import { type HostArray, scalar } from "../../src/base/host.ts";
import { leaves, withLeaves } from "../../src/base/tree.ts";
import { gradients, type Tensor } from "../../src/graph/index.ts";
import type { Traced } from "../../src/nn/module.ts";
import type { Optimizer, Scalars, Slots } from "../../src/optim/index.ts";
import { compileStep } from "../../src/runtime/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import type { Work } from "../harness.ts";

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

interface State<P> {
  readonly params: Traced<P>;
  readonly slots: Slots<Tensor>;
}

interface Inputs<B> {
  readonly batch: Traced<B>;
  readonly learningRate: Tensor;
  readonly scalars: Scalars<Tensor>;
}

/** Forward, backward and update as one graph function from state and inputs to state and loss. */
function stepFunction<P, B>({ loss, optimizer }: Training<P, B>) {
  return ({ params, slots }: State<P>, { batch, ...inputs }: Inputs<B>) => {
    const value = loss(params, batch);
    const grads = withLeaves<Tensor>(params, gradients(value, leaves<Tensor>(params))) as Traced<P>;
    const updated = optimizer.update(grads, slots, params, inputs);
    return { state: { params: updated.params, slots: updated.state }, metrics: value };
  };
}

/** Mean cross-entropy in nats of logits [..., K] against class numbers, one for each row. */
export function crossEntropy(logits: Tensor, classes: Tensor): Tensor {
  const depth = logits.shape[logits.rank - 1]!;
  const rows = logits.reshape([-1, depth]);
  return rows
    .logSoftmax(-1)
    .mul(classes.oneHot(depth))
    .sum()
    .mul(-1 / rows.shape[0]!);
}

/** Number of values in a tree of arrays. */
function parameterCount(params: unknown): number {
  return leaves<HostArray>(params).reduce((sum, leaf) => sum + leaf.size, 0);
}

/** Traces and compiles a training step, the way `train` does. */
export async function trainingWork<P, B>(training: Training<P, B>, threads: number): Promise<Work> {
  const start = performance.now();
  const { params, batch, optimizer } = training;
  const runtime = await nativeRuntime({ threads });
  const inputs = (step: number) => ({
    batch,
    learningRate: scalar(training.learningRate),
    scalars: optimizer.scalars(step),
  });
  const example = { state: { params, slots: optimizer.init(params) }, inputs: inputs(0) };
  const compiled = await compileStep(stepFunction(training), runtime, example as never);
  let taken = 0;
  let loss = Number.NaN;
  const step = async () => {
    training.draw?.(taken);
    const metrics = (await compiled.run(inputs(taken++) as never)) as HostArray;
    loss = Number(metrics.data[0]);
  };
  return {
    step,
    parameters: parameterCount(params),
    loss: () => loss,
    executable: compiled.executable,
    prepareSeconds: (performance.now() - start) / 1000,
    release: () => compiled.dispose(),
  };
}
