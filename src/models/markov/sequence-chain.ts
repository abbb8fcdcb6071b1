import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { sequenceLength } from "../../base/sequence-length.ts";
import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import { contextsOf } from "../../probability/markov/index.ts";
import { inverseCdf, uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";
import { type Bound, rows } from "../bound.ts";
import type { ClosedForm, GenerativeModel, Numbers, Params, SampleOptions, Sums } from "../contract.ts";
import { levelsOf, needKinds } from "../tables.ts";
import { chainTables } from "./chain-learnt.ts";
import { drawGaps, gapNats, type NextLaw } from "./gaps.ts";
import { mapRows, sum } from "./rows.ts";

/** A chain over sequences of one column. */
export type SequenceChain = GenerativeModel<"sample" | "logProb" | "complete" | "chain" | "surprise">;

interface Config {
  readonly order: number;
  readonly smoothing: number;
}

/** What every part knows: laws `start0` … of the first steps by what came before them, `next` of all others. */
interface Parts extends Config {
  readonly data: DataSpec;
  readonly levels: number;
  /** Steps of an example, at most. */
  readonly length: number;
}

type Named = Readonly<Record<string, HostArray<"float64">>>;

/**
 * A Markov chain of order k over the levels of one column: p(xₜ | the k before it), with laws of their own for the first k
 * steps, which have less before them. The length of a sequence is given, not modelled; missing steps are summed out.
 */
export function sequenceChain(config: Config, data: DataSpec): SequenceChain {
  const { columns = [] } = data;
  if (columns.length !== 1)
    throw new UsageError(
      `markov-chain models sequences of one column, and these have ${columns.map(({ name }) => name).join(", ")}: leave the others out with --drop, or train hmm.`,
    );
  needKinds("markov-chain", columns, ["categorical", "ordinal"]);
  const levels = levelsOf(columns[0]!);
  contextsOf(levels, config.order);
  const parts: Parts = { ...config, data, levels, length: data.shape[0]! };
  return {
    name: "markov-chain",
    config: { ...config },
    data,
    conditional: false,
    init: () => solved(parts, zeros(parts)),
    learning: counting(parts),
    functions: {},
    freeParameters: () => freeChainParameters(parts),
    learnt: (params) => {
      const next = Float64Array.from((params as unknown as Named).next!.data);
      return chainTables({ levels: columns[0]!.levels!, order: config.order, next });
    },
    logProb: async (on, x) => {
      const nats = Float64Array.from(eachNats(parts, on, x), sum);
      return { kind: "exact", via: "chain rule, missing steps summed out", nats };
    },
    surprise: async (on, x) => surprise(parts, on, x),
    sample: async (on, given) => sample(parts, on, given),
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: contexts weighed forward, then drawn backward");
      return complete(parts, on, x, observed as HostArray<"float32">, key);
    },
    chain: (on) => {
      const { next } = on.params as unknown as Named;
      const initial = initialLaw(parts, on.params);
      return { states: columns[0]!.levels!, order: config.order, initial, transition: next!.data };
    },
  };
}

/** Independent numbers of the laws of first steps and of all others: one less than each has levels. */
function freeChainParameters({ levels, order }: Parts): number {
  let contexts = 0;
  for (let m = 0; m <= order; m++) contexts += levels ** m;
  return contexts * (levels - 1);
}

/** log p(step | what is known before it) of each sequence, as long as it is; 0 of what is missing. */
function eachNats(parts: Parts, on: Bound, x: Numbers): Float64Array[] {
  const law = nextLaw(parts, on.params);
  return mapRows(x, (row) => gapNats(law, parts.order, gapped(row.subarray(0, sequenceLength(row, 1)))));
}

/** −log p of every step given those before it; NaN where it is missing and beyond the end. */
function surprise(parts: Parts, on: Bound, x: HostArray<"float32">) {
  const nats = new HostArray("float32", x.shape, new Float32Array(x.size).fill(Number.NaN));
  const most = x.shape[1]!;
  for (const [n, own] of eachNats(parts, on, x).entries())
    own.forEach((value, t) => {
      const at = n * most + t;
      if (!Number.isNaN(x.data[at])) nats.data[at] = value === 0 ? 0 : -value;
    });
  return { nats, order: 0, orders: 1 };
}

/** Whole sequences, their lengths as often as in the training data. */
function sample(parts: Parts, on: Bound, { count, key, temperature = 1, topK, topP }: SampleOptions): Numbers {
  if (temperature !== 1 || topK !== undefined || topP !== undefined)
    throw new UsageError("markov-chain draws sequences of rows as they are: leave temperature, top-k and top-p.");
  const law = nextLaw(parts, on.params);
  const lengths = (on.params as unknown as Named).lengths!.data;
  const total = sum(lengths);
  const drawn = filled([count, ...parts.data.shape], Number.NaN);
  mapRows(drawn, (row, n) => {
    const u = uniforms64(fold(key, n), parts.length + 2);
    const length = inverseCdf(lengths, u[0]! * total) + 1;
    const all = gapped(new Float64Array(length).fill(Number.NaN));
    drawGaps(law, parts.order, all, u.subarray(1));
    row.set(all.tokens);
  });
  return drawn;
}

/** Fills gaps from their exact joint law; what is observed to be NaN lies beyond the end of a sequence and stays so. */
function complete(parts: Parts, on: Bound, x: Numbers, observed: HostArray<"float32">, key: Key): Numbers {
  const law = nextLaw(parts, on.params);
  const done = filled(x.shape, Number.NaN);
  mapRows(x, (own, n) => {
    const seen = rows(observed, n, n + 1).data;
    const all = gapped(own.map((value, t) => (seen[t]! > 0.5 ? value : Number.NaN)));
    drawGaps(law, parts.order, all, uniforms64(fold(key, n), own.length + 1));
    done.data.set(
      own.map((value, t) => (seen[t]! > 0.5 ? value : all.tokens[t]!)),
      n * own.length,
    );
  });
  return done;
}

function filled(shape: readonly number[], value: number): HostArray<"float64"> {
  return new HostArray("float64", shape, new Float64Array(sizeOf(shape)).fill(value));
}

/** A sequence with NaN where it has gaps. */
function gapped(row: ArrayLike<number>) {
  return {
    tokens: Int32Array.from(row, (value) => (Number.isNaN(value) ? 0 : value)),
    known: Uint8Array.from(row, (value) => Number(!Number.isNaN(value))),
    first: 0,
  };
}

/** p(next | the steps before it), as far as the order looks back. */
function nextLaw({ levels, order }: Parts, params: Params): NextLaw {
  const named = params as unknown as Named;
  return {
    levels,
    probabilities: (tokens, place) => {
      const length = Math.min(order, place);
      let context = 0;
      for (let i = place - length; i < place; i++) context = context * levels + tokens[i]!;
      const { data } = length < order ? named[`start${length}`]! : named.next!;
      return data.slice(context * levels, (context + 1) * levels);
    },
  };
}

/** p(x₁ … x_k), [Kᵏ]; of order 0 that of one step. */
function initialLaw({ levels, order }: Parts, params: Params): Float64Array {
  const named = params as unknown as Named;
  if (order === 0) return named.next!.data;
  let law: Float64Array = Float64Array.of(1);
  for (let m = 0; m < order; m++) {
    const { data } = named[`start${m}`]!;
    const before = law;
    law = data.map((p, at) => before[Math.floor(at / levels)]! * p);
  }
  return law;
}

/** Counts: `any` of every context of 0 to k steps, `start` of contexts that begin a sequence. */
function zeros({ levels, order, length }: Parts): Sums {
  const sized = (m: number) => new Float64Array(levels ** (m + 1));
  const any = Array.from({ length: order + 1 }, (_, m) => [`any${m}`, sized(m)] as const);
  const start = Array.from({ length: order }, (_, m) => [`start${m}`, sized(m)] as const);
  return { ...Object.fromEntries([...any, ...start]), lengths: new Float64Array(length) };
}

/** Counting in one round; what stands beside a gap is counted with as many steps before it as are known. */
function counting(parts: Parts): ClosedForm {
  const { levels, order } = parts;
  return {
    kind: "closed-form",
    zeros: () => zeros(parts),
    add: async (sums, _, x) => {
      mapRows(x, (row) => {
        const length = sequenceLength(row, 1);
        sums.lengths![length - 1]!++;
        for (let t = 0; t < length; t++) {
          let context = 0;
          for (let m = 0, size = 1; m <= Math.min(order, t) && !Number.isNaN(row[t - m]); m++, size *= levels) {
            // the context of m steps before t, the nearest varying fastest
            if (m > 0) context += row[t - m]! * (size / levels);
            sums[`any${m}`]![context * levels + row[t]!]!++;
            if (m === t && m < order) sums[`start${m}`]![context * levels + row[t]!]!++;
          }
        }
      });
    },
    solve: (sums) => solved(parts, sums),
  };
}

/** Posterior means around the law of the context one shorter (MacKay & Peto 1995), 1/K below the empty one. */
function solved({ levels, order, smoothing }: Parts, sums: Sums): Params {
  let general: Float64Array = new Float64Array(levels).fill(1 / levels);
  const leaf = (data: Float64Array, shape: readonly number[]) => new HostArray("float64", shape, data);
  const params: Record<string, HostArray> = { lengths: leaf(knownLengths(sums.lengths!), [sums.lengths!.length]) };
  for (let m = 0; m <= order; m++) {
    general = smoothed(sums[`any${m}`]!, general, levels, smoothing);
    const shape = [levels ** m, levels];
    if (m === order) params.next = leaf(general, shape);
    else params[`start${m}`] = leaf(smoothed(sums[`start${m}`]!, general, levels, smoothing), shape);
  }
  return params;
}

/** Before any data every length is as good. */
const knownLengths = (lengths: Float64Array) => (lengths.some((n) => n > 0) ? lengths : lengths.map(() => 1));

/** (n + α base)/(Σ n + α), context by context; the base has as many contexts or those of one step less. */
function smoothed(counts: Float64Array, base: Float64Array, levels: number, alpha: number): Float64Array {
  const result = new Float64Array(counts.length);
  for (let row = 0; row < counts.length; row += levels) {
    let total = alpha;
    for (let v = 0; v < levels; v++) total += counts[row + v]!;
    for (let v = 0; v < levels; v++)
      result[row + v] = (counts[row + v]! + alpha * base[(row + v) % base.length]!) / total;
  }
  return result;
}
