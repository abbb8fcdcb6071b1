import { DataError, UsageError } from "../../base/errors.ts";
import { castHost, type DType, float32, HostArray } from "../../base/host.ts";
import type { LogDensity, Support } from "../../distributions/index.ts";
import { constant, Tensor } from "../../graph/index.ts";
import type { GraphNode } from "../../graph/node.ts";

/** Nested lists of numbers. */
export type Nested = number | readonly Nested[];

/** Observed data: numbers, nested lists of them, typed arrays, host arrays, or a constant tensor. */
export type Data = Nested | Float32Array | Float64Array | Int32Array | Uint8Array | HostArray | Tensor;

const flat = (data: Nested): number[] => (typeof data === "number" ? [data] : data.flatMap(flat));

/** A host array of any accepted form of data. */
export function hostData(data: Exclude<Data, Tensor>): HostArray {
  if (data instanceof HostArray) return data;
  if (ArrayBuffer.isView(data)) return float32(data as Float32Array);
  const shape: number[] = [];
  for (let part: Nested = data; typeof part !== "number"; part = part[0] ?? 0) shape.push(part.length);
  return float32(flat(data), shape);
}

/** Data as a constant of the graph, in the dtype that the law takes; throws where they are no data. */
export function dataTensor(name: string, law: LogDensity, data: Data): Tensor {
  if (data instanceof Tensor) {
    requireConstant(name, data);
    return data;
  }
  const array = hostData(data);
  const dtype: DType = law.support?.kind === "class" ? "int64" : "float32";
  requireOnSupport(name, law, array);
  return constant(castHost(array, dtype));
}

function requireConstant(name: string, data: Tensor): void {
  const seen = new Set<GraphNode>();
  const stack = [data.node];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.op.name === "input")
      throw new UsageError(
        `observe("${name}"): the data depend on a latent variable; data are constants (what depends on variables belongs into the law, or into derive).`,
      );
    if (seen.has(node)) continue;
    seen.add(node);
    for (const operand of node.inputs) stack.push(operand.node);
  }
}

/** What numbers a support excludes, in words; undefined where it cannot be told without the parameters. */
const requirements: Partial<
  Record<Support["kind"], { readonly word: string; readonly holds: (x: number) => boolean }>
> = {
  real: { word: "finite numbers", holds: Number.isFinite },
  positive: { word: "numbers not below 0", holds: (x) => x >= 0 },
  unit: { word: "numbers between 0 and 1", holds: (x) => x >= 0 && x <= 1 },
  count: { word: "whole numbers from 0 on", holds: (x) => Number.isInteger(x) && x >= 0 },
  binary: { word: "zeros and ones", holds: (x) => x === 0 || x === 1 },
  class: { word: "class numbers from 0 on", holds: (x) => Number.isInteger(x) && x >= 0 },
};

function requireOnSupport(name: string, law: LogDensity, { data }: HostArray): void {
  const numbers = data as ArrayLike<number | bigint>;
  const { word, holds } = requirements[law.support?.kind ?? "real"] ?? {
    word: "numbers",
    holds: (x) => !Number.isNaN(x),
  };
  for (let i = 0; i < numbers.length; i++) {
    const value = Number(numbers[i]);
    if (holds(value)) continue;
    const gap = Number.isNaN(value) ? " A missing value is no data: leave it out, or make it a sample statement." : "";
    throw new DataError(
      `observe("${name}"): a law of family ${law.family} takes ${word}; element ${i} is ${value}.${gap}`,
    );
  }
}
