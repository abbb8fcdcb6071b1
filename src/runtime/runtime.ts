import { ShapeError } from "../base/errors.ts";
import { allocate, type DType, HostArray } from "../base/host.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import type { Graph } from "../graph/graph.ts";
import type { DeviceProfile } from "../graph/primitive.ts";

/** Name, shape and dtype of a compiled function's input or output. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A run prepared once and repeated: the same output buffers, inputs exchanged one by one. */
export interface Binding {
  /** Puts another array at an input. It is read, not copied, when the binding runs. */
  set(index: number, value: HostArray): void;
  /** Computes the outputs into the bound arrays. */
  run(): Promise<void>;
}

/** A graph made ready to run. */
export interface Executable {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** The ONNX model it became, where there is one. */
  readonly model?: Uint8Array;
  /** Runs once; results are fresh arrays, or the given ones filled. An output must not share memory with an input. */
  run(inputs: readonly HostArray[], outputs?: readonly HostArray[]): Promise<HostArray[]>;
  /** Prepares repeated runs into fixed output arrays. */
  bind(inputs: readonly HostArray[], outputs: readonly HostArray[]): Binding;
  dispose(): Promise<void>;
}

/** Something that computes graphs. */
export interface Runtime {
  readonly name: string;
  readonly device: DeviceProfile;
  /** What a user may want to know: the processor or adapter, and why a wish was not granted. */
  readonly notes: readonly string[];
  compile(graph: Graph): Promise<Executable>;
  dispose(): Promise<void>;
}

/** The interface of a graph as ports. */
export function portsOf(graph: Graph): { inputs: Port[]; outputs: Port[] } {
  const port = ({ name, tensor }: Graph["inputs"][number]) => ({ name, shape: tensor.shape, dtype: tensor.dtype });
  return { inputs: graph.inputs.map(port), outputs: graph.outputs.map(port) };
}

/** Throws unless the array fits the port. */
export function assertFits(value: HostArray, port: Port, what: "input" | "output"): void {
  if (value.dtype === port.dtype && sameShape(value.shape, port.shape)) return;
  const [wanted, given] = [port, value].map(({ dtype, shape }) => `${dtype}${showShape(shape)}`);
  throw new ShapeError(`${what} "${port.name}" of the compiled function is ${wanted}, got ${given}`);
}

/** Throws unless the arrays fit the ports, in number and one by one. */
export function assertAllFit(values: readonly HostArray[], ports: readonly Port[], what: "input" | "output"): void {
  if (values.length !== ports.length)
    throw new ShapeError(`the compiled function has ${ports.length} ${what}s, got ${values.length}`);
  for (let i = 0; i < ports.length; i++) assertFits(values[i]!, ports[i]!, what);
}

/** A zero-filled array for a port. */
export function arrayFor({ dtype, shape }: Port): HostArray {
  return new HostArray(dtype, shape, allocate(dtype, sizeOf(shape)));
}

/** Copies elements between arrays of one dtype and size. */
export function copyInto(target: HostArray, source: HostArray): void {
  (target.data as Float32Array).set(source.data as Float32Array);
}
