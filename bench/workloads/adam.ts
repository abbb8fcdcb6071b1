import { type HostArray, scalar } from "../../src/base/host.ts";
import type { Tensor } from "../../src/graph/index.ts";
import { adam, type Scalars, type Slots } from "../../src/optim/index.ts";
import { fold, key, normal } from "../../src/random/index.ts";
import { compileStep } from "../../src/runtime/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import type { Work, Workload } from "../harness.ts";
import { sizes } from "./sizes.ts";

interface State {
  readonly params: readonly Tensor[];
  readonly slots: Slots<Tensor>;
}

interface Inputs {
  readonly grads: readonly Tensor[];
  readonly learningRate: Tensor;
  readonly scalars: Scalars<Tensor>;
}

const optimizer = adam();

function update({ params, slots }: State, { grads, ...inputs }: Inputs) {
  const updated = optimizer.update(grads, slots, params, inputs);
  return { state: { params: updated.params, slots: updated.state }, metrics: {} };
}

/** The update alone: ten equal tensors, gradients that are given. */
async function prepare(total: number, threads: number): Promise<Work> {
  const { tensors, learningRate } = sizes.adam;
  const draw = (tag: string): HostArray[] =>
    Array.from({ length: tensors }, (_, i) => normal(fold(fold(key(0), tag), i), [total / tensors]));
  const params = draw("params");
  const inputs = { grads: draw("grads"), learningRate: scalar(learningRate), scalars: optimizer.scalars(10) };
  const example = { state: { params, slots: optimizer.init(params) }, inputs };
  const step = await compileStep(update, await nativeRuntime({ threads }), example as never);
  return {
    step: () => step.run(inputs as never),
    parameters: total,
    executable: step.executable,
    release: () => step.dispose(),
  };
}

/** Adam on one and on ten million parameters. */
export const adamWorkloads: Workload[] = Object.entries(sizes.adam.parameters).map(([name, total]) => ({
  name: `adam/${name}`,
  prepare: (threads) => prepare(total, threads),
}));
