import { broadcastIndices } from "../../graph/nd.ts";
import type { GraphNode } from "../../graph/node.ts";
import type { Planner } from "./kernel.ts";

/** The group, numbered, to which each element of a reduced operand belongs. */
function groups({ inputs, attrs }: GraphNode): Int32Array {
  const axes = (attrs.axes as readonly number[] | undefined) ?? [attrs.axis as number];
  const { shape } = inputs[0]!;
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return broadcastIndices(kept, shape);
}

function folding(start: number, step: (sum: number, value: number) => number): Planner {
  return (node, [x], [y]) => {
    const group = groups(node);
    return () => {
      y!.fill(start);
      for (let i = 0; i < group.length; i++) y![group[i]!] = step(y![group[i]!]!, x![i]!);
    };
  };
}

const sum: Planner = (node, [x], [y]) => {
  if (y!.length === 1)
    return () => {
      let total = 0;
      for (let i = 0; i < x!.length; i++) total += x![i]!;
      y![0] = total;
    };
  const group = groups(node);
  return () => {
    y!.fill(0);
    for (let i = 0; i < group.length; i++) y![group[i]!]! += x![i]!;
  };
};

/** log Σ exp of each group into `total`; `top` is room for the largest elements. */
function logSums(x: Float64Array, group: Int32Array, top: Float64Array, total: Float64Array): void {
  top.fill(Number.NEGATIVE_INFINITY);
  total.fill(0);
  for (let i = 0; i < group.length; i++) top[group[i]!] = Math.max(top[group[i]!]!, x[i]!);
  for (let i = 0; i < group.length; i++) {
    const m = top[group[i]!]!;
    total[group[i]!]! += Number.isFinite(m) ? Math.exp(x[i]! - m) : 1;
  }
  for (let g = 0; g < total.length; g++) total[g] = Number.isFinite(top[g]) ? top[g]! + Math.log(total[g]!) : top[g]!;
}

const logSumExp: Planner = (node, [x], [y]) => {
  const group = groups(node);
  const top = new Float64Array(y!.length);
  return () => logSums(x!, group, top, y!);
};

/** x − log Σ exp x along an axis, or its exponential. */
function normalised(finish: (logProbability: number) => number): Planner {
  return (node, [x], [y]) => {
    const group = groups(node);
    const [top, total] = [0, 1].map(() => new Float64Array(Math.max(-1, ...group) + 1));
    return () => {
      logSums(x!, group, top!, total!);
      for (let i = 0; i < group.length; i++) y![i] = finish(x![i]! - total![group[i]!]!);
    };
  };
}

/** Reductions over groups of elements that are worked out once. */
export const reductions: Readonly<Record<string, Planner>> = {
  sum,
  max: folding(Number.NEGATIVE_INFINITY, Math.max),
  min: folding(Number.POSITIVE_INFINITY, Math.min),
  prod: folding(1, (product, value) => product * value),
  logSumExp,
  softmax: normalised(Math.exp),
  logSoftmax: normalised((value) => value),
};
