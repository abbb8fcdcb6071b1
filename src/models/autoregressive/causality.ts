import { UsageError } from "../../base/errors.ts";
import { HostArray, int64, zeros } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { gradients, type Tensor } from "../../graph/index.ts";
import { fold, normal } from "../../random/index.ts";
import { type Bound, rows } from "../bound.ts";
import type { GraphFunction } from "../contract.ts";
import type { Causality, CausalityOptions } from "../inspection.ts";
import { labelRows } from "../labels.ts";
import type { Factorisation, Given } from "./factorisation.ts";
import { chosenOrder, type Inspected } from "./inspected.ts";

type Floats = HostArray<"float32">;

/** Inputs of the derivative: a batch, the place of the variable (int64 scalar), and a direction for each row [B, levels]. */
interface SlopeInputs extends Given {
  readonly variable: Tensor;
  readonly probe?: Tensor;
}

/**
 * Derivatives [B, D] by every input of one variable's log-odds or, with more than two values, of its logits in a random
 * direction r ~ N(0, I): E[(rᵀJ)²] = ‖J‖². What all its logits have in common says nothing and is left out.
 */
export function slopes(f: Factorisation): GraphFunction {
  const read = f.smooth ?? f.logits;
  return {
    doc: "∂ logits of one variable / ∂ x",
    noise: {},
    inputs: () => ({}),
    apply: (params, inputs) => {
      const { variable, probe, ...given } = inputs as unknown as SlopeInputs;
      const logits = read(params, given).gather(variable, 1);
      const seen = projected(logits, f.levels, probe);
      return { slopes: gradients(seen, [given.x])[0]!.flatten(1) };
    },
  };
}

function projected(logits: Tensor, levels: number, probe: Tensor | undefined): Tensor {
  if (logits.rank === 1) return logits.sum();
  if (levels === 2)
    return logits
      .slice(1, 1, 2)
      .sub(logits.slice(1, 0, 1))
      .sum();
  return logits.sub(logits.mean(-1, true)).mul(probe!).sum();
}

/** Numbers the derivative of one batch may take in its largest array, [B, D, levels]. */
const ROOM = 2 ** 20;
const MOST = 16;
const PROBES = 2;

/** Which inputs the given variables depend on: derivatives over the examples, one variable after the other. */
export async function causality(
  model: Inspected,
  derivative: GraphFunction,
  on: Bound,
  x: Floats,
  variables: readonly number[],
  { labels, order, key, probes = PROBES, progress }: CausalityOptions,
): Promise<Causality> {
  const { factorisation, size, data } = model;
  variables.forEach((place) => {
    checkPlace(model, place);
  });
  if (!(x.shape[0]! > 0)) throw new UsageError("Causality is measured on examples: give at least one.");
  const chosen = chosenOrder(model, order);
  const many = factorisation.levels > 2 ? probes : 1;
  const classes = labelRows(model.classes, labels, x.shape[0]!);
  const batch = { x: repeated(x, many), ...(classes ? { labels: repeated(classes, many) } : {}) };
  const count = batch.x.shape[0]!;
  const probe = normal(fold(key, "probes"), [count, factorisation.levels]);
  const step = stepOf(count, Math.min(MOST, model.chunk, ROOM / (size * factorisation.levels)));
  const shape = [variables.length, ...data.shape];
  const strength: Floats = zeros("float32", shape);
  const seen = zeros("bool", shape);
  for (const [v, place] of variables.entries()) {
    const squares = new Float64Array(size);
    for (let start = 0; start < count; start += step) {
      const part = (whole: Floats) => rows(whole, start, start + step);
      const result = await on.run(derivative, {
        x: part(batch.x),
        ...(batch.labels ? { labels: part(batch.labels) } : {}),
        ...(factorisation.levels > 2 ? { probe: part(probe) } : {}),
        ...chosen.input,
        variable: int64([place], []),
      });
      result.slopes!.data.forEach((slope, at) => {
        squares[at % size]! += slope ** 2;
      });
      progress?.((v + (start + step) / count) / variables.length);
    }
    squares.forEach((sum, at) => {
      strength.data[v * size + at] = Math.sqrt(sum / count);
      seen.data[v * size + at] = Number(sum !== 0);
    });
  }
  const { orders } = chosen;
  return { strength, seen, before: before(model, variables, chosen.order), order: chosen.order, orders };
}

function checkPlace({ size, factorisation: { given } }: Inspected, place: number): void {
  if (!Number.isInteger(place) || place < 0 || place >= size)
    throw new UsageError(`There is no variable ${place}: examples have ${size}, numbered from 0.`);
  if (given && place === 0)
    throw new UsageError("The first token is given and depends on nothing: ask for a later one.");
}

/** Each row `times` times. */
function repeated(array: Floats, times: number): Floats {
  if (times === 1) return array;
  const [count, ...rest] = array.shape as [number, ...number[]];
  const width = sizeOf(rest);
  const result: Floats = zeros("float32", [count * times, ...rest]);
  for (let i = 0; i < count * times; i++)
    result.data.set(array.data.subarray(Math.floor(i / times) * width, (Math.floor(i / times) + 1) * width), i * width);
  return result;
}

/** The largest divisor of `count` up to `most`, so that one size is compiled. */
function stepOf(count: number, most: number): number {
  for (let step = Math.max(1, Math.min(count, Math.floor(most))); ; step--) if (count % step === 0) return step;
}

/** Which variables come before each of the given ones in an order. */
function before({ factorisation, size, data }: Inspected, variables: readonly number[], order: number) {
  const rank = new Uint32Array(size);
  factorisation.orders[order]!.forEach((place, k) => {
    rank[place] = k;
  });
  const flags = variables.flatMap((variable) => Array.from(rank, (k) => Number(k < rank[variable]!)));
  return new HostArray("bool", [variables.length, ...data.shape], Uint8Array.from(flags));
}
