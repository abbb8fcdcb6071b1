import { ShapeError } from "../base/errors.ts";
import { type DType, full, HostArray } from "../base/host.ts";
import { normalizeAxis, type Shape, showShape, sizeOf } from "../base/shape.ts";
import { GraphNode } from "./node.ts";
import { type Attrs, type Primitive, primitive } from "./primitive.ts";
import { inferAt } from "./site.ts";

/** What an operation takes beside tensors: numbers (of the other operand's dtype) and host arrays (constants). */
export type TensorLike = Tensor | HostArray | number;

/** One axis, several, or all of them when left out. */
export type Axes = number | readonly number[];

/** Applies a primitive to tensors: infers the results' shapes, or says which operation, shapes and line do not fit. */
export function apply(op: Primitive, inputs: readonly Tensor[], attrs: Attrs = {}): readonly Tensor[] {
  const avals = inferAt(op, inputs, attrs);
  const outputs = (node: GraphNode) => avals.map(({ shape, dtype }, index) => new Tensor(node, index, shape, dtype));
  return new GraphNode(op, inputs, attrs, outputs).outputs;
}

/** Applies a primitive with one output by name. */
export function call(name: string, inputs: readonly Tensor[], attrs: Attrs = {}): Tensor {
  return apply(primitive(name), inputs, attrs)[0]!;
}

/** A host array or number as a constant of the graph. */
export function constant(value: HostArray | number, dtype: DType = "float32"): Tensor {
  return call("constant", [], { value: value instanceof HostArray ? value : full(dtype, [], value) });
}

/** A tensor from anything tensor-like; numbers take the given dtype. */
export function lift(value: TensorLike, dtype: DType = "float32"): Tensor {
  return value instanceof Tensor ? value : constant(value, dtype);
}

/** The plain number with which an operation changes nothing: x + 0, x − 0, x·1, x/1, x¹. */
const neutral: { readonly [name: string]: number } = { add: 0, sub: 0, mul: 1, div: 1, pow: 1 };

/**
 * A value in a traced computation: shape and dtype are known, the numbers are not. Methods build the graph; nothing
 * is computed and nothing needs to be freed. All follow NumPy's broadcasting; negative axes count from the end.
 */
export class Tensor {
  readonly node: GraphNode;
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(node: GraphNode, index: number, shape: Shape, dtype: DType) {
    this.node = node;
    this.index = index;
    this.shape = shape;
    this.dtype = dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  toString(): string {
    return `${this.dtype}${showShape(this.shape)}`;
  }

  private unary(name: string, attrs: Attrs = {}): Tensor {
    return call(name, [this], attrs);
  }

  private binary(name: string, other: TensorLike): Tensor {
    if (other === neutral[name] && this.dtype !== "bool") return this;
    const fraction = typeof other === "number" && !Number.isInteger(other);
    return call(name, [this, lift(other, fraction && this.dtype === "int64" ? "float32" : this.dtype)]);
  }

  private axes(axes: Axes | undefined): number[] {
    const list = axes === undefined ? this.shape.map((_, axis) => axis) : typeof axes === "number" ? [axes] : axes;
    return [...new Set(list.map((axis) => normalizeAxis(axis, this.rank)))].sort((a, b) => a - b);
  }

  private reduce(name: string, axes: Axes | undefined, keepDims: boolean): Tensor {
    return this.unary(name, { axes: this.axes(axes), keepDims });
  }

  // Arithmetic
  add(other: TensorLike): Tensor {
    return this.binary("add", other);
  }
  sub(other: TensorLike): Tensor {
    return this.binary("sub", other);
  }
  mul(other: TensorLike): Tensor {
    return this.binary("mul", other);
  }
  div(other: TensorLike): Tensor {
    return this.binary("div", other);
  }
  /** x^y; the exponents −1, ½, 2 and 3 as plain numbers become reciprocal, root and products. */
  pow(other: TensorLike): Tensor {
    if (other === 2) return this.square();
    if (other === 3) return this.square().mul(this);
    if (other === 0.5) return this.sqrt();
    if (other === -1) return this.reciprocal();
    return this.binary("pow", other);
  }
  /** Remainder with the sign of the divisor, as in Python. */
  mod(other: TensorLike): Tensor {
    return this.binary("mod", other);
  }
  maximum(other: TensorLike): Tensor {
    return this.binary("maximum", other);
  }
  minimum(other: TensorLike): Tensor {
    return this.binary("minimum", other);
  }
  neg(): Tensor {
    return this.unary("neg");
  }
  abs(): Tensor {
    return this.unary("abs");
  }
  /** −1, 0 or 1; its gradient is zero. */
  sign(): Tensor {
    return this.unary("sign");
  }
  floor(): Tensor {
    return this.unary("floor");
  }
  ceil(): Tensor {
    return this.unary("ceil");
  }
  /** To the nearest integer, halves to even. */
  round(): Tensor {
    return this.unary("round");
  }
  square(): Tensor {
    return this.mul(this);
  }
  reciprocal(): Tensor {
    return this.unary("reciprocal");
  }
  clip(low: number, high: number): Tensor {
    return this.unary("clip", { low, high });
  }

  // Exponentials, trigonometry, activations
  exp(): Tensor {
    return this.unary("exp");
  }
  expm1(): Tensor {
    return this.unary("expm1");
  }
  log(): Tensor {
    return this.unary("log");
  }
  log1p(): Tensor {
    return this.unary("log1p");
  }
  sqrt(): Tensor {
    return this.unary("sqrt");
  }
  rsqrt(): Tensor {
    return this.sqrt().reciprocal();
  }
  sin(): Tensor {
    return this.unary("sin");
  }
  cos(): Tensor {
    return this.unary("cos");
  }
  tan(): Tensor {
    return this.unary("tan");
  }
  atan(): Tensor {
    return this.unary("atan");
  }
  tanh(): Tensor {
    return this.unary("tanh");
  }
  erf(): Tensor {
    return this.unary("erf");
  }
  /** 1 / (1 + e^−x). */
  sigmoid(): Tensor {
    return this.unary("sigmoid");
  }
  /** log(1 + e^x), stable at both ends. */
  softplus(): Tensor {
    return this.unary("softplus");
  }
  /** x where positive, eˣ − 1 elsewhere. Clevert et al. 2016, arXiv 1511.07289. */
  elu(): Tensor {
    return this.unary("elu");
  }
  /** log σ(x) = −softplus(−x). */
  logSigmoid(): Tensor {
    return this.neg().softplus().neg();
  }
  relu(): Tensor {
    return this.unary("relu");
  }

  // Comparison and selection: results are bool
  equal(other: TensorLike): Tensor {
    return this.binary("equal", other);
  }
  notEqual(other: TensorLike): Tensor {
    return this.equal(other).not();
  }
  less(other: TensorLike): Tensor {
    return this.binary("less", other);
  }
  lessEqual(other: TensorLike): Tensor {
    return this.binary("lessEqual", other);
  }
  greater(other: TensorLike): Tensor {
    return this.binary("greater", other);
  }
  greaterEqual(other: TensorLike): Tensor {
    return this.binary("greaterEqual", other);
  }
  and(other: Tensor): Tensor {
    return this.binary("and", other);
  }
  or(other: Tensor): Tensor {
    return this.binary("or", other);
  }
  not(): Tensor {
    return this.unary("not");
  }
  isNaN(): Tensor {
    return this.unary("isNaN");
  }
  /** Of a bool tensor: `yes` where true, `no` where false. */
  select(yes: TensorLike, no: TensorLike): Tensor {
    const dtype = yes instanceof Tensor ? yes.dtype : no instanceof Tensor ? no.dtype : "float32";
    return call("select", [this, lift(yes, dtype), lift(no, dtype)]);
  }
  cast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : this.unary("cast", { dtype });
  }
  /** The same value, through which no gradient flows. */
  stopGradient(): Tensor {
    return this.unary("stopGradient");
  }

  // Reductions
  sum(axes?: Axes, keepDims = false): Tensor {
    return this.reduce("sum", axes, keepDims);
  }
  mean(axes?: Axes, keepDims = false): Tensor {
    const sum = this.sum(axes, keepDims);
    return sum.div(constant(this.size / sum.size, this.dtype === "int64" ? "float32" : this.dtype));
  }
  /** Population variance (divides by n). */
  variance(axes?: Axes, keepDims = false): Tensor {
    return this.sub(this.mean(axes, true)).square().mean(axes, keepDims);
  }
  max(axes?: Axes, keepDims = false): Tensor {
    return this.reduce("max", axes, keepDims);
  }
  min(axes?: Axes, keepDims = false): Tensor {
    return this.reduce("min", axes, keepDims);
  }
  prod(axes?: Axes, keepDims = false): Tensor {
    return this.reduce("prod", axes, keepDims);
  }
  logSumExp(axes?: Axes, keepDims = false): Tensor {
    return this.reduce("logSumExp", axes, keepDims);
  }
  any(axes?: Axes, keepDims = false): Tensor {
    return this.cast("float32").max(axes, keepDims).greater(0);
  }
  all(axes?: Axes, keepDims = false): Tensor {
    return this.cast("float32").min(axes, keepDims).greater(0);
  }
  argmax(axis = -1, keepDims = false): Tensor {
    return this.unary("argmax", { axis: normalizeAxis(axis, this.rank), keepDims });
  }
  argmin(axis = -1, keepDims = false): Tensor {
    return this.neg().argmax(axis, keepDims);
  }
  softmax(axis = -1): Tensor {
    return this.unary("softmax", { axis: normalizeAxis(axis, this.rank) });
  }
  logSoftmax(axis = -1): Tensor {
    return this.unary("logSoftmax", { axis: normalizeAxis(axis, this.rank) });
  }
  cumsum(axis = -1, options: { exclusive?: boolean; reverse?: boolean } = {}): Tensor {
    const { exclusive = false, reverse = false } = options;
    return this.unary("cumsum", { axis: normalizeAxis(axis, this.rank), exclusive, reverse });
  }

  // Shape
  /** The same elements in another shape; one dimension may be −1. */
  reshape(shape: Shape): Tensor {
    return this.unary("reshape", { shape: completeShape(shape, this) });
  }
  /** Merges axes `from` to the last into one. */
  flatten(from = 0): Tensor {
    const axis = from < 0 ? from + this.rank : from;
    return this.reshape([...this.shape.slice(0, axis), sizeOf(this.shape.slice(axis))]);
  }
  /** Axes in a new order; all reversed when left out. */
  transpose(order: readonly number[] = this.shape.map((_, axis) => this.rank - 1 - axis)): Tensor {
    return this.unary("transpose", { order: order.map((axis) => normalizeAxis(axis, this.rank)) });
  }
  swapAxes(a: number, b: number): Tensor {
    const order = this.shape.map((_, axis) => axis);
    const [i, j] = [normalizeAxis(a, this.rank), normalizeAxis(b, this.rank)];
    [order[i], order[j]] = [j, i];
    return this.transpose(order);
  }
  broadcastTo(shape: Shape): Tensor {
    return this.unary("broadcastTo", { shape: [...shape] });
  }
  expandDims(axis: number): Tensor {
    const at = normalizeAxis(axis, this.rank + 1);
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
  }
  squeeze(axes?: Axes): Tensor {
    const ones = this.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
    const drop = axes === undefined ? ones : this.axes(axes);
    if (!drop.every((axis) => this.shape[axis] === 1))
      throw new ShapeError(`squeeze(${this}): an axis is not of size 1`);
    return this.reshape(this.shape.filter((_, axis) => !drop.includes(axis)));
  }
  /** Elements start, start+step, … up to but excluding end, along one axis; negative positions count from the end. */
  slice(axis: number, start: number, end?: number, step = 1): Tensor {
    return this.unary("slice", { axis: normalizeAxis(axis, this.rank), start, end: end ?? null, step });
  }
  flip(axis: number): Tensor {
    return this.slice(axis, -1, undefined, -1);
  }
  /** Constant padding: [before, after] for each axis; negative amounts crop. */
  pad(amounts: readonly (readonly [number, number])[], value = 0): Tensor {
    return this.unary("pad", { amounts: amounts.map(([before, after]) => [before, after]), value });
  }
  /** Equal parts, or parts of the given sizes, along an axis. */
  split(parts: number | readonly number[], axis = 0): Tensor[] {
    const at = normalizeAxis(axis, this.rank);
    const sizes = typeof parts === "number" ? new Array<number>(parts).fill(this.shape[at]! / parts) : [...parts];
    return [...apply(primitive("split"), [this], { axis: at, sizes })];
  }
  /** Rows `indices` (int64, any shape) along an axis: shape[..axis] + indices.shape + shape[axis+1..]. */
  gather(indices: TensorLike, axis = 0): Tensor {
    return call("gather", [this, lift(indices, "int64")], { axis: normalizeAxis(axis, this.rank) });
  }
  /** One element per position along an axis: indices has this rank, and its sizes elsewhere. */
  takeAlong(indices: TensorLike, axis = -1): Tensor {
    return call("takeAlong", [this, lift(indices, "int64")], { axis: normalizeAxis(axis, this.rank) });
  }
  /** Adds `updates` (indices.shape + shape[1..]) at rows `indices` of axis 0; repeated indices accumulate. */
  scatterAdd(indices: TensorLike, updates: Tensor): Tensor {
    return call("scatterAdd", [this, lift(indices, "int64"), updates]);
  }

  /** With what stands at `index` (an int64 scalar) along an axis replaced by `slice`, whose size there is 1. */
  updateSlice(index: TensorLike, slice: Tensor, axis = 0): Tensor {
    return call("updateSlice", [this, lift(index, "int64"), slice], { axis: normalizeAxis(axis, this.rank) });
  }
  /** Int64 class numbers to rows of zeros with a one: shape + [depth]. */
  oneHot(depth: number, dtype: DType = "float32"): Tensor {
    return this.unary("oneHot", { depth, dtype });
  }
  /** Sorted values and their int64 positions along an axis. */
  sort(axis = -1, descending = false): { values: Tensor; indices: Tensor } {
    return this.topK(this.shape[normalizeAxis(axis, this.rank)]!, axis, descending);
  }
  /** The k largest (or smallest) in order, with their int64 positions. */
  topK(k: number, axis = -1, largest = true): { values: Tensor; indices: Tensor } {
    const attrs = { k, axis: normalizeAxis(axis, this.rank), largest };
    const [values, indices] = apply(primitive("topK"), [this], attrs);
    return { values: values!, indices: indices! };
  }

  // Products
  /** Matrix product over the last two axes; leading axes broadcast. */
  matmul(other: TensorLike): Tensor {
    return call("matmul", [this, lift(other)], { transposeA: false, transposeB: false });
  }
  /** Sum of squares. */
  squaredNorm(): Tensor {
    return this.square().sum();
  }
}

function completeShape(shape: Shape, tensor: Tensor): number[] {
  const known = sizeOf(shape.filter((dim) => dim !== -1));
  return shape.map((dim) => (dim === -1 ? tensor.size / known : dim));
}
