import type { HostArray } from "../base/host.ts";
import type { Bound } from "./bound.ts";

/** Examples as streams of bytes that only the same model turns back into the examples. */
export interface Compressed {
  readonly count: number;
  /** One stream for each batch of examples, in their order. */
  readonly streams: readonly Uint8Array[];
  /** Examples in a stream (fewer in the last one). */
  readonly batch: number;
}

/** Options of `compress` and `decompress`. */
export interface CompressOptions {
  /** One class number per example, for models conditioned on them; the decoder needs the same. */
  readonly labels?: ArrayLike<number>;
  /** Called with the fraction done. */
  readonly progress?: (fraction: number) => void;
}

/** Lossless compression of countable data by a model's own probabilities. */
export interface Compression {
  /** Examples in model units to bytes, and −log₂ p(x) of all of them by the probabilities that were coded with. */
  compress(
    on: Bound,
    x: HostArray<"float32">,
    options: CompressOptions,
  ): Promise<Compressed & { readonly modelBits: number }>;
  /** The examples back, whatever engine, threads and machine either side ran on. */
  decompress(on: Bound, compressed: Compressed, options: CompressOptions): Promise<HostArray<"float32">>;
}
