import type { HostArray } from "../../base/host.ts";
import type { GraphNode } from "../node.ts";
import type { Tensor } from "../tensor.ts";
import { constantValue } from "./fold.ts";

/** The node that made a tensor, if it is an application of that primitive. */
export function madeBy(tensor: Tensor, name: string): GraphNode | undefined {
  return tensor.node.op.name === name ? tensor.node : undefined;
}

/** Constants up to this many elements are looked through for all elements being one number. */
const comparedElements = 256;

/** The number every element of a tensor has, where that is known while tracing. */
export function uniform(tensor: Tensor): number | undefined {
  const source = madeBy(tensor, "broadcastTo")?.inputs[0] ?? tensor;
  const value = constantValue(source);
  return value && uniformValue(value);
}

function uniformValue({ data }: HostArray): number | undefined {
  if (data.length === 0 || data.length > comparedElements) return undefined;
  const first = data[0]!;
  for (let i = 1; i < data.length; i++) if (data[i] !== first) return undefined;
  return Number(first);
}

/** The tensor before broadcasting, if it was broadcast. */
export function unbroadcast(tensor: Tensor): Tensor {
  return madeBy(tensor, "broadcastTo")?.inputs[0] ?? tensor;
}
