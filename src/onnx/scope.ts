import { create } from "@bufbuild/protobuf";
import { UsageError } from "../base/errors.ts";
import { type DType, full, type HostArray, int64 } from "../base/host.ts";
import { type Graph, graphNodes, type NamedTensor } from "../graph/graph.ts";
import type { GraphNode } from "../graph/node.ts";
import type { Aval, DeviceProfile, EmitContext, OnnxAttributes, SubgraphAttribute } from "../graph/primitive.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toAttributes } from "./attributes.ts";
import {
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.js";
import { bytesOf, dtypeCode, toTensorProto } from "./tensor.ts";

/** Constants up to this many elements are compared by value to be shared; larger ones by identity. */
const comparedElements = 1024;

/** What all scopes of one model share: names in use and operator domains. */
export class ModelNames {
  readonly domains = new Set<string>();
  private readonly used = new Set<string>();
  private next = 0;

  /** Keeps a name for an input or output; false when it is taken. */
  reserve(name: string): boolean {
    if (this.used.has(name)) return false;
    this.used.add(name);
    return true;
  }

  /** A name nothing else in the model has. */
  fresh(base: string): string {
    for (;;) {
      const name = `${base}_${this.next++}`;
      if (this.reserve(name)) return name;
    }
  }
}

/** A named, typed value of a graph's interface. */
export function valueInfo(name: string, { shape, dtype }: Aval): ValueInfoProto {
  const dim = shape.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } }));
  const value = { elemType: dtypeCode(dtype), shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value } } });
}

/** One ONNX graph being written: the model's main graph or a loop body inside it. */
export class Scope implements EmitContext {
  readonly device: DeviceProfile;
  readonly names: ModelNames;
  readonly values = new Map<Tensor, string>();
  /** Names some host arrays have of their own: parameters by their path. */
  readonly labels: ReadonlyMap<HostArray, string>;
  private readonly written: NodeProto[] = [];
  private readonly initializers: TensorProto[] = [];
  private readonly constants = new Map<string | HostArray, string>();
  private readonly root: Scope;
  private current: string;

  constructor(
    device: DeviceProfile,
    names: ModelNames,
    { root, label = "node", labels }: { root?: Scope; label?: string; labels?: ReadonlyMap<HostArray, string> } = {},
  ) {
    this.device = device;
    this.names = names;
    this.root = root ?? this;
    this.labels = root?.labels ?? labels ?? new Map();
    this.current = label;
  }

  node(opType: string, inputs: readonly string[], attributes?: OnnxAttributes, domain?: string): string {
    return this.nodes(opType, inputs, 1, attributes, domain)[0]!;
  }

  nodes(opType: string, inputs: readonly string[], count: number, attributes: OnnxAttributes = {}, domain = "") {
    const output = Array.from({ length: count }, () => this.names.fresh(this.current));
    const attribute = toAttributes(attributes, (subgraph) => this.subgraph(subgraph));
    this.names.domains.add(domain);
    const fields = { opType, domain, input: [...inputs], output, attribute };
    this.written.push(create(NodeProtoSchema, { name: output[0]!, ...fields }));
    return output;
  }

  constant(value: HostArray): string {
    const own = this.labels.get(value);
    const small = own === undefined && value.size <= comparedElements;
    if (!small && this.root !== this) return this.root.constant(value);
    const key = small ? `${value.dtype}[${value.shape}]${bytesOf(value)}` : value;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = own !== undefined && this.names.reserve(own) ? own : this.names.fresh("constant");
    this.constants.set(key, name);
    this.initializers.push(toTensorProto(name, value));
    return name;
  }

  scalar(value: number, dtype: DType): string {
    return this.constant(full(dtype, [], value));
  }

  ints(values: readonly number[]): string {
    return this.constant(int64(values));
  }

  /** Emits every node of a graph whose inputs already have names. */
  emitNodes(graph: Graph): void {
    for (const node of graphNodes(graph)) if (node.op.name !== "input") this.emitNode(node);
  }

  private emitNode(node: GraphNode): void {
    this.current = node.op.name;
    const names = node.inputs.map((operand) => this.nameOf(operand));
    const { inputs, outputs, attrs } = node;
    const result = node.op.emit({ context: this, names, inputs, outputs, attrs });
    const given = typeof result === "string" ? [result] : result;
    outputs.forEach((output, i) => {
      this.values.set(output, given[i]!);
    });
  }

  /** Gives results the names they have outside, renaming what produced them or copying where that cannot be. */
  finish(outputs: readonly NamedTensor[], wanted: (name: string) => string): string[] {
    const renames = new Map<string, string>();
    const produced = new Set(this.written.flatMap((node) => node.output));
    const result = outputs.map(({ name, tensor }) => {
      const from = this.nameOf(tensor);
      const to = wanted(name);
      if (produced.has(from) && !renames.has(from)) renames.set(from, to);
      else this.copy(from, to);
      return to;
    });
    rename(this.written, renames);
    return result;
  }

  private copy(from: string, to: string): void {
    this.written.push(create(NodeProtoSchema, { name: to, opType: "Identity", input: [from], output: [to] }));
  }

  private nameOf(tensor: Tensor): string {
    const name = this.values.get(tensor);
    if (name === undefined)
      throw new UsageError(
        `a value ${tensor} of another traced function is used inside this one; pass it as an argument instead`,
      );
    return name;
  }

  private subgraph({ body, captures }: SubgraphAttribute): GraphProto {
    const scope = new Scope(this.device, this.names, { root: this.root });
    const formal = body.inputs.length - captures.length;
    const inputs = body.inputs.map(({ name, tensor }, i) => {
      const known = i < formal ? this.names.fresh(`body/${name}`) : captures[i - formal]!;
      scope.values.set(tensor, known);
      return valueInfo(known, tensor);
    });
    scope.emitNodes(body);
    const named = scope.finish(body.outputs, (name) => this.names.fresh(`body/${name}`));
    const outputs = named.map((name, i) => valueInfo(name, body.outputs[i]!.tensor));
    return scope.proto(this.names.fresh("body"), inputs.slice(0, formal), outputs);
  }

  /** The finished graph. */
  proto(name: string, input: ValueInfoProto[], output: ValueInfoProto[]): GraphProto {
    return create(GraphProtoSchema, { name, node: this.written, initializer: this.initializers, input, output });
  }
}

/** Renames values in nodes and, because bodies use values of the graph around them, in their sub-graphs. */
function rename(nodes: readonly NodeProto[], names: ReadonlyMap<string, string>): void {
  if (names.size === 0) return;
  const renamed = (list: string[]) => list.map((name) => names.get(name) ?? name);
  for (const node of nodes) {
    node.input = renamed(node.input);
    node.output = renamed(node.output);
    for (const { g } of node.attribute) {
      if (g) rename(g.node, names);
    }
  }
}
