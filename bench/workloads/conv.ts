import type { HostArray } from "../../src/base/host.ts";
import { conv, type Tensor, vjp } from "../../src/graph/index.ts";
import { fold, key, normal } from "../../src/random/index.ts";
import type { Workload } from "../harness.ts";
import { functionWork } from "./functions.ts";
import { sizes } from "./sizes.ts";

type Row = (typeof sizes.conv.rows)[number];
type Part = "forward" | "dX" | "dW" | "all";

/** The asked part of a convolution's work as a graph function of input, weight and output gradient. */
function partOf(row: Row, part: Part) {
  return (x: Tensor, w: Tensor, dy: Tensor): Tensor[] => {
    const y = conv(x, w, { stride: row.stride, padding: row.padding });
    const [dX, dW] = vjp([y], [dy], [x, w]) as [Tensor, Tensor];
    return { forward: [y], dX: [dX], dW: [dW], all: [y, dX, dW] }[part];
  };
}

function argumentsOf(row: Row): HostArray[] {
  const out = Math.floor((row.size + 2 * row.padding - row.kernel) / row.stride) + 1;
  const shapes = [
    [sizes.conv.batch, row.in, row.size, row.size],
    [row.out, row.in, row.kernel, row.kernel],
    [sizes.conv.batch, row.out, out, out],
  ];
  return shapes.map((shape, i) => normal(fold(key(0), i), shape));
}

/** Single convolutions: forward, input gradient, weight gradient, and all three. */
export const convWorkloads: Workload[] = sizes.conv.rows.flatMap((row) =>
  (sizes.conv.parts as Part[]).map((part) => ({
    name: `conv/${row.in}-${row.out}-${row.size}-k${row.kernel}-s${row.stride}/${part}`,
    prepare: (threads) => functionWork(partOf(row, part), argumentsOf(row), threads),
  })),
);
