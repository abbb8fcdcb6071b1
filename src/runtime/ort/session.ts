import type { InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { SampoError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Graph } from "../../graph/graph.ts";
import {
  arrayFor,
  assertAllFit,
  assertFits,
  type Binding,
  copyInto,
  type Executable,
  type Port,
  portsOf,
} from "../runtime.ts";
import { firstLine, toTensor } from "./model.ts";
import { stopName, withStop } from "./uncopied.ts";

/** The part of ONNX Runtime's JavaScript interface that is the same in Node and in the browser. */
export type Ort = Pick<typeof import("onnxruntime-web/wasm"), "InferenceSession" | "Tensor">;

/** How sessions of one runtime are made and run. */
export interface SessionContext {
  readonly ort: Ort;
  readonly options: InferenceSession.SessionOptions;
  /** What a run says that ends before outputs are copied, where the engine can write them into given arrays (`uncopied.ts`). */
  readonly stop?: string | undefined;
  /** Runs a task now or, where runs must not overlap, after the ones before it. */
  readonly queue: <T>(task: () => Promise<T>) => Promise<T>;
}

/** A model's bytes as an executable of the given graph. */
export async function createExecutable(context: SessionContext, graph: Graph, model: Uint8Array): Promise<Executable> {
  const session = await createSession(context, context.stop === undefined ? model : withStop(model));
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
  private readonly outputNames: readonly string[];
  private readonly tensors = new WeakMap<HostArray, Tensor>();

  constructor(context: SessionContext, session: InferenceSession, graph: Graph, model: Uint8Array) {
    this.context = context;
    this.session = session;
    this.model = model;
    this.outputNames = session.outputNames.filter((name) => name !== stopName);
    const { inputs, outputs } = portsOf(graph);
    this.inputs = inputs;
    this.outputs = outputs;
  }

  async run(inputs: readonly HostArray[], outputs?: readonly HostArray[]): Promise<HostArray[]> {
    assertAllFit(inputs, this.inputs, "input");
    if (outputs) assertAllFit(outputs, this.outputs, "output");
    const feeds = this.named(this.session.inputNames, inputs);
    if (!outputs && this.context.stop === undefined) return this.hosts(await this.execute(feeds));
    const targets = outputs ?? this.outputs.map(arrayFor);
    await this.runInto(feeds, this.fetches(targets), targets);
    return [...targets];
  }

  bind(inputs: readonly HostArray[], outputs: readonly HostArray[]): Binding {
    assertAllFit(inputs, this.inputs, "input");
    assertAllFit(outputs, this.outputs, "output");
    const names = this.session.inputNames;
    const feeds = this.named(names, inputs);
    const fetches = this.fetches(outputs);
    const set = (index: number, value: HostArray) => {
      assertFits(value, this.inputs[index]!, "input");
      feeds[names[index]!] = this.tensorOf(value);
    };
    return { set, run: () => this.runInto(feeds, fetches, outputs) };
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }

  private async runInto(feeds: Feeds, fetches: Fetches, outputs: readonly HostArray[]): Promise<void> {
    if (this.context.stop !== undefined) return this.executeInto(feeds, fetches, this.context.stop);
    const results = this.hosts(await this.execute(feeds));
    outputs.forEach((output, i) => {
      copyInto(output, results[i]!);
    });
  }

  private async execute(feeds: Feeds): Promise<InferenceSession.OnnxValueMapType> {
    return this.context.queue(() => this.session.run(feeds)).catch(fail);
  }

  private async executeInto(feeds: Feeds, fetches: Fetches, stop: string): Promise<void> {
    const ended = (error: unknown) => (firstLine(error) === stop ? undefined : fail(error));
    await this.context.queue(() => this.session.run(feeds, fetches)).catch(ended);
  }

  private hosts(results: InferenceSession.OnnxValueMapType): HostArray[] {
    return this.outputs.map((port, i) => toHost(results[this.outputNames[i]!]!, port));
  }

  private fetches(outputs: readonly HostArray[]): Fetches {
    return { [stopName]: null, ...this.named(this.outputNames, outputs) };
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
type Fetches = Record<string, Tensor | null>;

function fail(error: unknown): never {
  throw new SampoError(`ONNX Runtime failed while running: ${firstLine(error)}`);
}

function toHost(tensor: Tensor, { dtype, shape }: Pick<Port, "dtype" | "shape">): HostArray {
  const data = tensor.data as HostArray["data"];
  return new HostArray(dtype, sizeOf(shape) === data.length ? shape : tensor.dims, data);
}
