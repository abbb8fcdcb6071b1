import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { fillGumbel, fillNormal, fillUniform } from "./fill.ts";
import { fillBits, type Key } from "./philox.ts";

/** Where in the key's stream to start: element i of a result depends on (key, offset + i) alone. */
export interface DrawOptions {
  readonly offset?: number;
}

type Fill = (k: Key, out: Float32Array, offset?: number) => void;

function filled(fill: Fill, k: Key, shape: Shape, options: DrawOptions): HostArray<"float32"> {
  const data = new Float32Array(sizeOf(shape));
  fill(k, data, options.offset ?? 0);
  return new HostArray("float32", shape, data);
}

/** Uniforms on [0, 1), multiples of 2⁻²⁴. */
export function uniform(k: Key, shape: Shape, options: DrawOptions = {}): HostArray<"float32"> {
  return filled(fillUniform, k, shape, options);
}

/** Standard normals. */
export function normal(k: Key, shape: Shape, options: DrawOptions = {}): HostArray<"float32"> {
  return filled(fillNormal, k, shape, options);
}

/** Standard Gumbel variates, density exp(-x - e⁻ˣ). */
export function gumbel(k: Key, shape: Shape, options: DrawOptions = {}): HostArray<"float32"> {
  return filled(fillGumbel, k, shape, options);
}

/** Zeros and ones (float32), one with the given probability: 1 exactly where the uniform of that element is below it. */
export function bernoulli(k: Key, probability: number, shape: Shape, options: DrawOptions = {}): HostArray<"float32"> {
  if (!(probability >= 0 && probability <= 1))
    throw new UsageError(`A Bernoulli probability lies in [0, 1]; got ${probability}.`);
  const draws = uniform(k, shape, options);
  for (let i = 0; i < draws.data.length; i++) draws.data[i] = draws.data[i]! < probability ? 1 : 0;
  return draws;
}

/** ⌊w n / 2³²⌋ for a 32-bit word w and 1 ≤ n ≤ 2³², exactly; uniform on 0..n-1 but for a bias below n/2³². */
function scaleWord(word: number, n: number): number {
  const high = (word >>> 16) * n + Math.floor(((word & 0xffff) * n) / 65536);
  return Math.floor(high / 65536);
}

/** Whole numbers from `low` (included) to `high` (excluded), at most 2³² of them; bias below (high - low)/2³². */
export function randomInts(
  k: Key,
  low: number,
  high: number,
  shape: Shape,
  options: DrawOptions = {},
): HostArray<"int64"> {
  const range = high - low;
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || range < 1 || range > 2 ** 32)
    throw new UsageError(`Random integers need whole bounds low < high at most 2^32 apart; got ${low} and ${high}.`);
  const words = new Uint32Array(sizeOf(shape));
  fillBits(k, words, options.offset ?? 0);
  return new HostArray(
    "int64",
    shape,
    BigInt64Array.from(words, (word) => BigInt(low + scaleWord(word, range))),
  );
}

function cumulative(probs: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(probs.length);
  let total = 0;
  for (let i = 0; i < probs.length; i++) {
    const p = probs[i]!;
    if (!(p >= 0 && p < Number.POSITIVE_INFINITY))
      throw new UsageError(`Categorical weights are finite and not negative; weight ${i} is ${p}.`);
    total += p;
    sums[i] = total;
  }
  if (!(total > 0)) throw new UsageError("Categorical weights need at least one that is above zero.");
  return sums;
}

/** Class numbers drawn in proportion to weights: the first i with Σ_{j≤i} w_j > u Σ w, u the element's uniform. */
export function categorical(
  k: Key,
  weights: ArrayLike<number>,
  shape: Shape,
  options: DrawOptions = {},
): HostArray<"int64"> {
  const sums = cumulative(weights);
  const total = sums[sums.length - 1]!;
  const draw = (u: number): bigint => {
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > u * total) high = middle;
      else low = middle + 1;
    }
    return BigInt(low);
  };
  return new HostArray("int64", shape, BigInt64Array.from(uniform(k, shape, options).data, draw));
}

/** The numbers 0..n-1 in random order (Fisher and Yates). */
export function permutation(k: Key, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const words = new Uint32Array(n);
  fillBits(k, words);
  for (let i = n - 1; i > 0; i--) {
    const j = scaleWord(words[i]!, i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
