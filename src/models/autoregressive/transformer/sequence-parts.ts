import { HostArray } from "../../../base/host.ts";
import type { DataSpec } from "../../../data/types.ts";
import { type BlockOptions, normal, type Traced, type TransformerParams, type transformer } from "../../../nn/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import type { PositionTable } from "./positions.ts";

/** What a transformer over the variables of an example, in some order, is made of. */
export interface SequenceOptions {
  readonly data: DataSpec;
  readonly levels: number;
  readonly classes: number;
  readonly order: Uint32Array;
  readonly body: BlockOptions & { readonly layers: number };
  /** Learned position vectors, summed; none where the attention turns by position. */
  readonly positions: readonly PositionTable[];
  /** Whether values are read out with the vectors they are read in with. */
  readonly tied: boolean;
  /** For each variable in sequence, which of several tables its value is read in with; one for all where left out. */
  readonly tables?: readonly number[];
  /** Rate at which elements of embeddings and branches are dropped while training. */
  readonly dropout: number;
}

/**
 * tokens [tables·levels, W] vectors of values; positions tables [size, W]; start [W] stands before the first value where
 * nothing is given; labels [classes, W] are added everywhere; head [W, levels] where it is not tied.
 */
export type SequenceParams = {
  tokens: HostArray;
  positions: HostArray[];
  start?: HostArray;
  labels?: HostArray;
  body: TransformerParams;
  head?: HostArray;
};

/** The parameters while tracing. */
export type Net = Traced<SequenceParams>;

/** The parts of the factorisation, with what follows from its options. */
export interface Sequence extends SequenceOptions {
  readonly width: number;
  readonly size: number;
  readonly unit: number;
  /** Whether the first variable is given: then it is the first input, and nothing stands before it. */
  readonly opened: boolean;
  /** Places of the sequence: inputs of the transformer. */
  readonly length: number;
  readonly module: ReturnType<typeof transformer>;
  /** Whether values have a derivative. */
  readonly smooth?: boolean;
}

/** How vectors begin. */
export const INITIAL = normal(0.02);

/** Vectors [rows, width] of that name. */
export const vectors = (key: Key, name: string, rows: number, width: number) =>
  INITIAL(fold(key, name), [rows, width], { fanIn: rows, fanOut: width });

/** Initial parameters. */
export function initSequence(s: Sequence, key: Key): SequenceParams {
  const { width, levels, classes } = s;
  const head = INITIAL(fold(key, "head"), [width, levels], { fanIn: width, fanOut: levels });
  const start = () => new HostArray("float32", [width], vectors(key, "start", 1, width).data);
  return {
    tokens: vectors(key, "tokens", levels * (1 + Math.max(0, ...(s.tables ?? []))), width),
    positions: s.positions.map(({ size }, i) => vectors(key, `positions${i}`, size, width)),
    ...(s.opened ? {} : { start: start() }),
    ...(classes > 0 ? { labels: vectors(key, "labels", classes, width) } : {}),
    body: s.module.init(fold(key, "body")),
    ...(s.tied ? {} : { head }),
  };
}
