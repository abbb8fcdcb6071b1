import { DataError, UsageError } from "../base/errors.ts";
import { Sha256 } from "../base/sha256.ts";
import {
  type Container,
  cumulate,
  RangeDecoder,
  RangeEncoder,
  TOTAL_BITS,
  unpackContainer,
  valueAt,
} from "../coding/index.ts";
import { exactVersion } from "../graph/passes/index.ts";
import type { Compressed } from "../models/compression.ts";
import type { AnyModel, Capabilities, Numbers } from "../models/contract.ts";
import type { Source } from "./stored.ts";
import { capable } from "./trained.ts";

/** What the header of a compressed file says. */
export interface Header {
  /** Version of the exact forms that the probabilities were computed by. */
  readonly forms: number;
  readonly model: string;
  readonly fingerprint: string;
  readonly count: number;
  readonly batch: number;
  /** Hash of the examples' values, compared after decoding. */
  readonly content: string;
  /** Whether the first stream holds the labels. */
  readonly labels?: true;
  /** How the file that was compressed stored its numbers; absent where it was no plain array. */
  readonly source?: Source;
}

/** The model with both ways of compression, or one sentence that it has none. */
export function compressing(model: AnyModel): AnyModel & Pick<Capabilities, "compress" | "decompress"> {
  if (model.data.values === "sequences")
    throw new UsageError(
      "Sequences of rows are not compressed: compress takes images, and text, of models that predict value by value.",
    );
  return capable(model, "compress", "decompress");
}

/** Hash of examples in model units by their values. */
export function contentHash(values: Uint8Array): string {
  return new Sha256().update(values).hex().slice(0, 32);
}

/** Examples in model units as bytes: 0 and 1, or 0 to 255. */
export function valuesOf({ data }: Numbers, model: AnyModel): Uint8Array {
  const levels = model.data.values === "bytes" ? 255 : 1;
  return Uint8Array.from(data, (x) => Math.round(x * levels));
}

/** Class numbers as a stream of their own. */
export function packLabels(labels: ArrayLike<number>, classes: number): Uint8Array {
  const cumulative = evenly(classes);
  const encoder = new RangeEncoder();
  for (let i = 0; i < labels.length; i++) {
    const start = cumulative[labels[i]!]!;
    encoder.encode(start, cumulative[labels[i]! + 1]! - start, TOTAL_BITS);
  }
  return encoder.finish();
}

function unpackLabels(stream: Uint8Array, count: number, classes: number): number[] {
  const cumulative = evenly(classes);
  const decoder = new RangeDecoder(stream);
  return Array.from({ length: count }, () => {
    const label = valueAt(cumulative, classes, decoder.peek(TOTAL_BITS));
    decoder.take(cumulative[label]!, cumulative[label + 1]! - cumulative[label]!);
    return label;
  });
}

function evenly(classes: number): Float64Array {
  const cumulative = new Float64Array(classes + 1);
  cumulate(new Float64Array(classes), 0, classes, cumulative);
  return cumulative;
}

/** A compressed file for a model, or one sentence that says why it is none. */
export interface Opened {
  readonly header: Header;
  readonly compressed: Compressed;
  readonly labels?: number[];
}

/** Opens a compressed file; refuses one that is damaged or that another model wrote. */
export function openPacked(bytes: Uint8Array, path: string, model: AnyModel, own: string): Opened {
  const { header, streams } = unpackContainer(bytes, path) as Container & { header: Header };
  if (header.forms !== exactVersion)
    throw new DataError(
      `${path} was compressed with version ${header.forms} of the exact forms, and this program computes version ${exactVersion}; use the version of Sampo that compressed it.`,
    );
  if (header.fingerprint !== own)
    throw new UsageError(
      `${path} was compressed by another model (${header.model} ${header.fingerprint.slice(0, 8)}, and this is ${model.name} ${own.slice(0, 8)}); give the run folder, and the --checkpoint, that compressed it.`,
    );
  const { count, batch } = header;
  const [first, ...rest] = streams;
  if (!header.labels) return { header, compressed: { count, batch, streams } };
  const labels = unpackLabels(first!, count, model.data.classes?.length ?? 0);
  return { header, compressed: { count, batch, streams: rest }, labels };
}

/** Throws unless decoding gave what was compressed. */
export function checkContent(values: Uint8Array, { content }: Pick<Header, "content">, path: string): void {
  if (contentHash(values) !== content)
    throw new DataError(
      `${path} does not decode to what was compressed: this machine computes the model's probabilities differently; nothing was written.`,
    );
}
