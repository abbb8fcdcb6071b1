import type { Attrs, Primitive } from "./primitive.ts";
import type { Tensor } from "./tensor.ts";

let nextId = 0;

/** One application of a primitive. Ids grow in creation order, so sorting by id is a topological order. */
export class GraphNode {
  readonly id = nextId++;
  readonly op: Primitive;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly outputs: readonly Tensor[];

  constructor(op: Primitive, inputs: readonly Tensor[], attrs: Attrs, outputs: (node: GraphNode) => readonly Tensor[]) {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.outputs = outputs(this);
  }
}
