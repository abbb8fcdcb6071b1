import type { HostArray } from "../../base/host.ts";
import { type Graph, graphNodes } from "../../graph/index.ts";
import { nd } from "../../graph/nd.ts";
import type { GraphNode } from "../../graph/node.ts";
import { optimize } from "../../graph/passes/index.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { elementwise, select } from "./elementwise.ts";
import type { Kernel, Planner } from "./kernel.ts";
import { movement } from "./movement.ts";
import { matmul } from "./product.ts";
import { reductions } from "./reduce.ts";

/** A graph ready to be evaluated in float64, at once and in place: fill the inputs, run, read the outputs. */
export interface DoublePlan {
  readonly inputs: readonly Float64Array[];
  /** Overwritten by the next run. */
  readonly outputs: readonly Float64Array[];
  run(): void;
}

/**
 * Plans the evaluation of a graph in float64 on the host: every value gets a buffer, every operation a closure over its
 * buffers, what depends on constants only is computed now. The numbers are those of the reference interpreter; a call of
 * a small graph costs a microsecond or two where an engine's costs twenty, so this is for small functions that are
 * evaluated very often.
 */
export function planDouble(graph: Graph): DoublePlan {
  return new Planning(optimize(graph, { folds: false })).plan();
}

/** The same values in another shape or float dtype: they share the buffer. */
const views = new Set(["reshape", "stopGradient"]);

const isView = ({ op, inputs, outputs }: GraphNode) =>
  views.has(op.name) ||
  (op.name === "cast" && outputs[0]!.dtype !== "int64" && inputs[0]!.dtype !== "int64" && outputs[0]!.dtype !== "bool");

const planners: Readonly<Record<string, Planner>> = {
  ...reductions,
  ...Object.fromEntries(
    ["transpose", "broadcastTo", "slice", "pad", "split", "concat", "gather"].map((op) => [op, movement]),
  ),
  matmul,
  select,
  scan,
};

class Planning {
  private readonly graph: Graph;
  private readonly buffers = new Map<Tensor, Float64Array>();
  private readonly known = new Set<Tensor>();
  private readonly kernels: Kernel[] = [];

  constructor(graph: Graph) {
    this.graph = graph;
  }

  plan(): DoublePlan {
    for (const { tensor } of this.graph.inputs) this.buffers.set(tensor, new Float64Array(tensor.size));
    for (const node of graphNodes(this.graph)) if (node.op.name !== "input") this.add(node);
    const buffer = ({ tensor }: { tensor: Tensor }) => this.buffers.get(tensor)!;
    const { kernels } = this;
    const run = () => {
      for (let i = 0; i < kernels.length; i++) kernels[i]!();
    };
    return { inputs: this.graph.inputs.map(buffer), outputs: this.graph.outputs.map(buffer), run };
  }

  private add(node: GraphNode): void {
    const inputs = node.inputs.map((operand) => this.buffers.get(operand)!);
    const known = node.inputs.map((operand) => this.known.has(operand));
    const always = known.every(Boolean);
    if (node.op.name === "constant") this.keep(node, [numbers(node.attrs.value as HostArray)], true);
    else if (isView(node)) this.keep(node, inputs, always);
    else {
      const outputs = node.outputs.map(({ size }) => new Float64Array(size));
      this.keep(node, outputs, always);
      if (always) evaluated(node, inputs, outputs)();
      else this.kernels.push(prepared(node, inputs, outputs, known));
    }
  }

  private keep(node: GraphNode, buffers: readonly Float64Array[], known: boolean): void {
    node.outputs.forEach((output, i) => {
      this.buffers.set(output, buffers[i]!);
      if (known) this.known.add(output);
    });
  }
}

const numbers = ({ data }: HostArray) => Float64Array.from(data as ArrayLike<number | bigint>, Number);

const prepared = (...[node, inputs, outputs, known]: Parameters<Planner>): Kernel =>
  elementwise(node, inputs, outputs) ??
  planners[node.op.name]?.(node, inputs, outputs, known) ??
  evaluated(node, inputs, outputs);

/** An operation by its reference: for all that has no fast form. */
function evaluated(node: GraphNode, inputs: readonly Float64Array[], outputs: readonly Float64Array[]): Kernel {
  const operands = node.inputs.map(({ shape, dtype }, i) => nd(shape, dtype, inputs[i]!));
  return () => {
    node.op.evaluate(operands, node.attrs).forEach(({ data }, i) => {
      outputs[i]!.set(data);
    });
  };
}

/** A scan: its body planned once, run for each step. */
function scan(node: GraphNode, inputs: readonly Float64Array[], outputs: readonly Float64Array[]): Kernel {
  const { body, carries, xs, length, reverse } = node.attrs as unknown as ScanSizes;
  const step = planDouble(body);
  const slices = step.inputs.slice(carries, carries + xs);
  return () => {
    inputs.slice(carries + xs).forEach((capture, i) => {
      step.inputs[carries + xs + i]!.set(capture);
    });
    for (let i = 0; i < carries; i++) outputs[i]!.set(inputs[i]!);
    for (let count = 0; count < length; count++) {
      const t = reverse ? length - 1 - count : count;
      for (let i = 0; i < carries; i++) step.inputs[i]!.set(outputs[i]!);
      slices.forEach((slice, i) => {
        slice.set(inputs[carries + i]!.subarray(t * slice.length, (t + 1) * slice.length));
      });
      step.run();
      step.outputs.forEach((result, i) => {
        outputs[i]!.set(result, i < carries ? 0 : t * result.length);
      });
    }
  };
}

interface ScanSizes {
  readonly body: Graph;
  readonly carries: number;
  readonly xs: number;
  readonly length: number;
  readonly reverse: boolean;
}
