import { create } from "@bufbuild/protobuf";
import { UsageError } from "../base/errors.ts";
import { type DType, full, HostArray, int64 } from "../base/host.ts";
import { type Affine, affineOf, type Dependence, dependenceOf } from "./batch-values.ts";
import { portableDevice } from "./emit.ts";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
} from "./generated/onnx_pb.js";
import { ModelNames, Scope } from "./scope.ts";
import { dtypeOfCode, fromTensorProto } from "./tensor.ts";
import { allGraphs, usedNames } from "./trim.ts";

/** The name of the free dimension in the model's inputs and outputs. */
const batchParameter = "batch";

/** One model for any batch size from the models of one function at several; throws where they differ in anything but numbers. */
export function unifyModels(models: readonly ModelProto[], sizes: readonly number[]): ModelProto {
  return new Unifier(models, sizes).unify();
}

function fail(detail: string): never {
  throw new UsageError(`The function cannot be exported for any batch size: ${detail}.`);
}

class Unifier {
  private readonly models: readonly ModelProto[];
  private readonly sizes: readonly number[];
  private readonly prelude: Scope;
  private readonly constants: readonly Map<string, TensorProto>[];
  private readonly values: readonly Map<string, string>[];
  private readonly written = new Map<string, string>();

  constructor(models: readonly ModelProto[], sizes: readonly number[]) {
    this.models = models;
    this.sizes = sizes;
    const names = new ModelNames();
    for (const graph of allGraphs(models[0]!.graph!)) for (const name of namesIn(graph)) names.reserve(name);
    this.prelude = new Scope(portableDevice, names, { label: "batch" });
    this.constants = models.map(({ graph }) => {
      const tensors = allGraphs(graph!).flatMap(({ initializer }) => initializer);
      return new Map(tensors.map((tensor) => [tensor.name, tensor]));
    });
    this.values = models.map(() => new Map());
  }

  unify(): ModelProto {
    const model = this.models[0]!;
    const graphs = this.models.map(({ graph }) => graph!);
    this.unifyGraphs(graphs);
    if (!this.source) fail("no dimension of an input is the batch size");
    const graph = graphs[0]!;
    const extra = this.prelude.proto("", [], []);
    graph.node.unshift(...extra.node);
    graph.initializer.push(...extra.initializer);
    dropUnused(graph);
    return model;
  }

  private unifyGraphs(graphs: readonly GraphProto[]): void {
    this.unifyInterface(graphs.map(({ input }) => input));
    const lengths = new Set(graphs.map(({ node }) => node.length));
    if (lengths.size > 1) fail("it takes other operations at other batch sizes");
    graphs[0]!.node.forEach((_, i) => {
      this.unifyNodes(graphs.map(({ node }) => node[i]!));
    });
    this.unifyInterface(graphs.map(({ output }) => output));
  }

  private unifyNodes(nodes: readonly NodeProto[]): void {
    const [first] = nodes as [NodeProto];
    const same = nodes.every(
      ({ opType, input, output, attribute }) =>
        opType === first.opType &&
        input.length === first.input.length &&
        output.length === first.output.length &&
        attribute.length === first.attribute.length,
    );
    if (!same) fail("it takes other operations at other batch sizes");
    first.input = first.input.map((_, i) => this.unifyOperands(nodes, i));
    first.attribute.forEach((_, i) => {
      this.unifyAttributes(
        first,
        nodes.map(({ attribute }) => attribute[i]!),
      );
    });
    first.output.forEach((_, i) => {
      this.identify(nodes.map(({ output }) => output[i]!));
    });
  }

  /** Notes that values with these names in the models are the same. */
  private identify(names: readonly string[]): void {
    names.forEach((name, k) => {
      if (!this.values[k]!.has(name)) this.values[k]!.set(name, names[0]!);
    });
  }

  private unifyOperands(nodes: readonly NodeProto[], index: number): string {
    const names = nodes.map(({ input }) => input[index]!);
    const tensors = names.map((name, k) => this.constants[k]!.get(name));
    if (tensors.every((tensor) => tensor !== undefined)) return this.unifyConstants(nodes[0]!, index, names, tensors);
    const known = names.map((name, k) => this.values[k]!.get(name) ?? name);
    if (!known.every((name) => name === known[0])) fail("it takes other operations at other batch sizes");
    return known[0]!;
  }

  private unifyConstants(node: NodeProto, index: number, names: readonly string[], tensors: readonly TensorProto[]) {
    if (tensors.every((tensor) => sharesData(tensor, tensors[0]!))) return names[0]!;
    const arrays = tensors.map(fromTensorProto);
    const dependence = dependenceOf(arrays, this.sizes);
    if (!dependence)
      fail(
        `a constant of ${node.name} (${node.opType}), shape [${arrays[0]!.shape}] at size ${this.sizes[0]}, depends on the batch size; make it an argument`,
      );
    if (dependence.kind === "fixed") return names[0]!;
    const rest = node.opType === "Reshape" && index === 1 ? remaining(dependence, arrays) : undefined;
    const key = JSON.stringify([arrays[0]!.dtype, arrays[0]!.shape, rest ?? dependence]);
    const known = this.written.get(key);
    if (known !== undefined) return known;
    const name = rest ? this.prelude.constant(int64(rest)) : this.write(dependence, arrays[0]!);
    this.written.set(key, name);
    return name;
  }

  private unifyAttributes(node: NodeProto, attributes: readonly AttributeProto[]): void {
    const [first] = attributes as [AttributeProto];
    if (first.type === AttributeType.GRAPH) {
      this.unifyGraphs(attributes.map(({ g }) => g!));
      return;
    }
    const texts = attributes.map(({ name, i, f, s, ints }) => `${name} ${i} ${f} ${s} ${ints}`);
    if (!texts.every((text) => text === texts[0]))
      fail(`the attribute ${first.name} of ${node.name} (${node.opType}) depends on the batch size`);
  }

  /** Marks the dimensions of inputs or outputs that differ. */
  private unifyInterface(lists: readonly (readonly ValueInfoProto[])[]): void {
    const [first] = lists as [ValueInfoProto[]];
    if (!lists.every((list) => list.length === first.length)) fail("the number of results depends on the batch size");
    first.forEach((info, i) => {
      this.identify(lists.map((list) => list[i]!.name));
      const shapes = lists.map((list) => dimensions(list[i]!).map((dim) => Number(dim.value.value)));
      const affine = affineOf(shapes, this.sizes, true);
      if (!affine) fail(`the shape of ${info.name} does not grow evenly with the batch size`);
      dimensions(info).forEach((dim, axis) => {
        const [slope, offset] = [affine.slope[axis]!, affine.offset[axis]!];
        if (slope === 0) return;
        if (slope === 1 && offset === 0) this.source ??= { name: info.name, axis };
        const value = slope === 1 && offset === 0 ? batchParameter : `${slope}*${batchParameter}+${offset}`;
        dim.value = create(TensorShapeProto_DimensionSchema, { value: { case: "dimParam", value } }).value;
      });
    });
  }

  /** The input whose dimension is the batch size. */
  private source: { readonly name: string; readonly axis: number } | undefined;
  private batchName: string | undefined;

  private batch(): string {
    if (!this.source) fail("no dimension of an input is the batch size");
    const { name, axis } = this.source;
    this.batchName ??= this.prelude.node("Shape", [name], { start: axis, end: axis + 1 });
    return this.batchName;
  }

  /** Nodes that compute a constant from the batch size. */
  private write(dependence: Exclude<Dependence, { kind: "fixed" }>, { dtype, shape }: HostArray): string {
    if (dependence.kind === "filled") {
      const target = this.writeAffine(dependence.shape, "int64", [dependence.shape.slope.length]);
      return this.prelude.node("Expand", [this.prelude.scalar(dependence.value, dtype), target]);
    }
    if (dependence.kind === "affine") return this.writeAffine(dependence.affine, dtype, shape);
    const quotient = [this.prelude.constant(full(dtype, [1], dependence.numerator)), this.batchAs(dtype)];
    return this.shaped(this.prelude.node("Div", quotient), shape);
  }

  private writeAffine({ slope, offset }: Affine, dtype: DType, shape: readonly number[]): string {
    const flat = (values: readonly number[]) => this.prelude.constant(arrayOf(dtype, values));
    const scaled = this.prelude.node("Mul", [this.batchAs(dtype), flat(slope)]);
    const result = offset.some((value) => value !== 0) ? this.prelude.node("Add", [scaled, flat(offset)]) : scaled;
    return shape.length === 1 ? result : this.shaped(result, shape);
  }

  private shaped(name: string, shape: readonly number[]): string {
    return this.prelude.node("Reshape", [name, this.prelude.ints(shape)]);
  }

  private batchAs(dtype: DType): string {
    const code = dtype === "float64" ? 11 : 1;
    return dtype === "int64" ? this.batch() : this.prelude.node("Cast", [this.batch()], { to: code });
  }
}

function arrayOf(dtype: DType, values: readonly number[]): HostArray {
  if (dtype === "int64") return int64(values);
  return new HostArray("float32", [values.length], Float32Array.from(values));
}

/** Whether two constants were written from one array: weights need no comparing. */
function sharesData(a: TensorProto, b: TensorProto): boolean {
  return (
    a.rawData.buffer === b.rawData.buffer &&
    a.rawData.byteOffset === b.rawData.byteOffset &&
    `${a.dims}` === `${b.dims}`
  );
}

/** A target shape with −1 in the place of its only changing dimension. */
function remaining(dependence: Dependence, [first]: readonly HostArray[]): number[] | undefined {
  if (dependence.kind !== "affine") return undefined;
  const { slope } = dependence.affine;
  const shape = Array.from(first!.data as BigInt64Array, Number);
  const changing = slope.filter((value) => value !== 0).length;
  return changing === 1 && !shape.includes(-1) ? shape.map((dim, i) => (slope[i] === 0 ? dim : -1)) : undefined;
}

function dimensions(info: ValueInfoProto) {
  const type = info.type!.value;
  if (type.case !== "tensorType" || dtypeOfCode(type.value.elemType) === undefined)
    return fail(`${info.name} is no tensor`);
  return type.value.shape!.dim;
}

function namesIn({ node, input, output, initializer }: GraphProto): string[] {
  return [...node.flatMap((n) => n.output), ...[...input, ...output, ...initializer].map(({ name }) => name)];
}

/** Removes constants that only the replaced numbers used. */
function dropUnused(graph: GraphProto): void {
  const used = usedNames(graph);
  for (const g of allGraphs(graph)) g.initializer = g.initializer.filter(({ name }) => used.has(name));
}
