import type { InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { SampoError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Graph } from "../../graph/graph.ts";
import { assertAllFit, assertFits, type Binding, copyInto, type Executable, type Port, portsOf } from "../runtime.ts";

import { firstLine, toTensor } from "./model.ts";

/** The part of ONNX Runtime's JavaScript interface that is the same in Node and in the browser. */
export type Ort = Pick<typeof import("onnxruntime-web/wasm"), "InferenceSession" | "Tensor">;

/** How sessions of one runtime are made and run. */
export interface SessionContext {
  readonly ort: Ort;
  readonly options: InferenceSession.SessionOptions;
  /** Whether results are written into given output tensors; otherwise they are copied there. */
  readonly writesOutputs: boolean;
  /** Runs a task now or, where runs must not overlap, after the ones before it. */
  readonly queue: <T>(task: () => Promise<T>) => Promise<T>;
}

/** A model's bytes as an executable of the given graph. */
export async function createExecutable(context: SessionContext, graph: Graph, model: Uint8Array): Promise<Executable> {
  const session = await createSession(context, model);
  return new OrtExecutable(context, session, graph, model);
}

async function createSession({ ort, options, queue }: SessionContext, model: Uint8Array): Promise<InferenceSession> {
  try {
    return await queue(() => ort.InferenceSession.create(model, options));
  } catch (error) {
    throw new SampoError(`ONNX Runtime could not load the compiled function: ${firstLine(error)}`);
  }
}

class OrtExecutable implements Executable {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly model: Uint8Array;
  private readonly context: SessionContext;
  private readonly session: InferenceSession;
  private readonly tensors = new WeakMap<HostArray, Tensor>();

  constructor(context: SessionContext, session: InferenceSession, graph: Graph, model: Uint8Array) {
    this.context = context;
    this.session = session;
    this.model = model;
    const { inputs, outputs } = portsOf(graph);
    this.inputs = inputs;
    this.outputs = outputs;
  }

  async run(inputs: readonly HostArray[], outputs?: readonly HostArray[]): Promise<HostArray[]> {
    assertAllFit(inputs, this.inputs, "input");
    const feeds = this.named(this.session.inputNames, inputs);
    if (outputs) {
      assertAllFit(outputs, this.outputs, "output");
      await this.runInto(feeds, this.named(this.session.outputNames, outputs), outputs);
      return [...outputs];
    }
    const results = await this.execute(feeds);
    return this.outputs.map((port, i) => toHost(results[this.session.outputNames[i]!]!, port));
  }

  bind(inputs: readonly HostArray[], outputs: readonly HostArray[]): Binding {
    assertAllFit(inputs, this.inputs, "input");
    assertAllFit(outputs, this.outputs, "output");
    const names = this.session.inputNames;
    const feeds = this.named(names, inputs);
    const fetches = this.named(this.session.outputNames, outputs);
    const set = (index: number, value: HostArray) => {
      assertFits(value, this.inputs[index]!, "input");
      feeds[names[index]!] = this.tensorOf(value);
    };
    return { set, run: () => this.runInto(feeds, fetches, outputs) };
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }

  private async runInto(feeds: Feeds, fetches: Feeds, outputs: readonly HostArray[]): Promise<void> {
    if (this.context.writesOutputs) {
      await this.execute(feeds, fetches);
      return;
    }
    const results = await this.execute(feeds);
    outputs.forEach((output, i) => {
      copyInto(output, toHost(results[this.session.outputNames[i]!]!, output));
    });
  }

  private execute(feeds: Feeds, fetches?: Feeds): Promise<InferenceSession.OnnxValueMapType> {
    const { queue } = this.context;
    return queue(() => (fetches ? this.session.run(feeds, fetches) : this.session.run(feeds))).catch((error) => {
      throw new SampoError(`ONNX Runtime failed while running: ${firstLine(error)}`);
    });
  }

  private named(names: readonly string[], arrays: readonly HostArray[]): Feeds {
    return Object.fromEntries(names.map((name, i) => [name, this.tensorOf(arrays[i]!)]));
  }

  private tensorOf(array: HostArray): Tensor {
    const known = this.tensors.get(array);
    if (known) return known;
    const tensor = toTensor(this.context.ort, array);
    this.tensors.set(array, tensor);
    return tensor;
  }
}

type Feeds = Record<string, Tensor>;

function toHost(tensor: Tensor, { dtype, shape }: Pick<Port, "dtype" | "shape">): HostArray {
  const data = tensor.data as HostArray["data"];
  return new HostArray(dtype, sizeOf(shape) === data.length ? shape : tensor.dims, data);
}
