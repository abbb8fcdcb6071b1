import type { DType, HostArray } from "../base/host.ts";
import type { Shape } from "../base/shape.ts";
import type { Graph } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** What is known of a value before it is computed: its shape and element type. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An array inside the float64 reference interpreter; int64 values are exact up to 2^53, bool is 0 or 1. */
export interface NdArray extends Aval {
  readonly data: Float64Array;
}

/** Static parameters of an operation: plain values, arrays of numbers, host arrays, or graphs (loop bodies). */
export type Attrs = { readonly [key: string]: unknown };

/** What a vector-Jacobian product sees. A cotangent is undefined where nothing depends on that output. */
export interface VjpArgs<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly cotangents: readonly (Tensor | undefined)[];
  readonly attrs: A;
  /** `needs[i]`: whether anyone asks for the gradient of input i; work for the others may be left out. */
  readonly needs: readonly boolean[];
}

/** Gradients for each input; undefined where the input has none (integers, conditions, not needed). */
export type Gradients = readonly (Tensor | undefined)[];

/** A float attribute of an ONNX node; plain numbers are integers. */
export interface FloatAttribute {
  readonly float: number;
}

/** Attributes of an ONNX node: integers, floats (wrapped), strings, integer lists, and sub-graphs. */
export type OnnxAttributes = {
  readonly [key: string]: number | string | FloatAttribute | readonly number[] | SubgraphAttribute | undefined;
};

/**
 * A traced graph used as the body of an ONNX Scan, Loop or If. The last `captures.length` inputs of the body stand for
 * values of the surrounding graph, which have these names there; the inputs before them are the body's formal inputs.
 */
export interface SubgraphAttribute {
  readonly body: Graph;
  readonly captures: readonly string[];
}

/** What the emitter may assume about the machine that will run the model. */
export interface DeviceProfile {
  readonly kind: "native" | "wasm" | "webgpu";
  /** Channels per block of ONNX Runtime's blocked convolution layout; 0 where it must not be used. */
  readonly block: number;
  /** Whether operators of the `com.microsoft` domain may be used. */
  readonly contrib: boolean;
}

/** How a primitive writes itself as ONNX nodes. */
export interface EmitContext {
  readonly device: DeviceProfile;
  /** Adds a node with one output and returns the output's name. */
  node(opType: string, inputs: readonly string[], attributes?: OnnxAttributes, domain?: string): string;
  /** Adds a node with several outputs. */
  nodes(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes?: OnnxAttributes,
    domain?: string,
  ): string[];
  /** An initialiser; equal ones are shared. */
  constant(value: HostArray): string;
  /** A scalar initialiser. */
  scalar(value: number, dtype: DType): string;
  /** A one-dimensional int64 initialiser: shapes, axes, starts. Pass the attrs' or avals' own array: a dynamic batch is recognised by it. */
  ints(values: readonly number[]): string;
}

/** One node being emitted: names and avals of its inputs, avals of its outputs. */
export interface Emission<A> {
  readonly context: EmitContext;
  readonly names: readonly string[];
  readonly inputs: readonly Aval[];
  readonly outputs: readonly Aval[];
  readonly attrs: A;
}

/** One record per operation: everything Sampo knows about it stands here. */
export interface Primitive<A extends Attrs = Attrs> {
  readonly name: string;
  /** Output shapes and dtypes; throws ShapeError (the caller adds the operation's name, the inputs and the user's line). */
  infer(inputs: readonly Aval[], attrs: A): readonly Aval[];
  /** Gradients of the inputs, written in primitives so that they can be differentiated again; absent: no gradient flows. */
  vjp?(args: VjpArgs<A>): Gradients;
  /** ONNX nodes for this operation in the fastest formulation known for the device. */
  emit(emission: Emission<A>): string | readonly string[];
  /** Float64 reference. Results that are not `wanted` may be left undefined; all are, when it is not given. */
  evaluate(inputs: readonly NdArray[], attrs: A, wanted?: readonly boolean[]): readonly NdArray[];
  /** Operations that work element by element on floats: what they do to one element of each operand. */
  readonly compute?: (attrs: A) => (...values: readonly number[]) => number;
}

const registry = new Map<string, Primitive>();

/** Adds a primitive to the table of operations and returns it. */
export function register<A extends Attrs>(primitive: Primitive<A>): Primitive<A> {
  if (registry.has(primitive.name)) throw new Error(`primitive ${primitive.name} is registered twice`);
  registry.set(primitive.name, primitive as unknown as Primitive);
  return primitive;
}

/** The primitive of that name. */
export function primitive(name: string): Primitive {
  const found = registry.get(name);
  if (!found) throw new Error(`no primitive ${name}: import it through src/graph/index.ts`);
  return found;
}

/** All primitives, for the tests that loop over them. */
export function allPrimitives(): readonly Primitive[] {
  return [...registry.values()];
}
