import type { GraphNode } from "../../graph/node.ts";

/** Computes one operation from fixed buffers into fixed buffers. */
export type Kernel = () => void;

/** Prepares an operation for its buffers; undefined where it has no fast form for these operands. */
export type Planner = (
  node: GraphNode,
  inputs: readonly Float64Array[],
  outputs: readonly Float64Array[],
  /** Whether an operand is known already: then its buffer holds the value that it will always have. */
  known: readonly boolean[],
) => Kernel | undefined;
