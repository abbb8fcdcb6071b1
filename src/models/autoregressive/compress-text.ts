import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { Bound } from "../bound.ts";
import type { Compressed, Compression, CompressOptions } from "../compression.ts";
import { type Code, decoderOf, encoderOf, type Row } from "./coder.ts";
import { type Walk, type Walked, walkOf } from "./walk.ts";

type Floats = HostArray<"float32">;

/** A model of tokens as compression sees it. */
export interface TextCodec extends Walked {
  /** Tokens a model looks back on. */
  readonly context: number;
  /** Most parts of a text that are coded side by side. */
  readonly batch: number;
}

/**
 * Compression of a text of any length, [1, tokens]: it is cut into equal parts, which are coded side by side into one
 * stream. Each part goes window by window; a window begins with the last token of the one before it, so only the first
 * token of each part is coded without the model. Encoder and decoder walk the same way, as for images.
 */
export function textCompression(codec: TextCodec): Compression {
  return {
    compress: async (on, x, options) => {
      const [rows, count] = x.shape as [number, number];
      if (rows !== 1 || x.shape.length !== 2 || count === 0)
        throw new UsageError(`A model of tokens compresses one text, [1, tokens], not [${x.shape}].`);
      const batch = lanesOf(codec, count);
      const encoder = encoderOf(x.data, codec.factorisation.levels);
      await through(codec, on, { count, batch }, encoder.code, options);
      return { count, batch, streams: [encoder.finish()], modelBits: encoder.bits() };
    },
    decompress: async (on, { count, batch, streams }, options) => {
      const result: Floats = new HostArray("float32", [1, count], new Float32Array(count));
      const code = decoderOf(streams[0]!, codec.factorisation.levels, (value, at) => {
        result.data[at] = value;
      });
      await through(codec, on, { count, batch }, code, options);
      return result;
    },
  };
}

/** Windows a part should at least have: a part costs a first token without the model. */
const WINDOWS = 4;

/** Parts of a text. */
const lanesOf = ({ context, batch }: TextCodec, count: number) =>
  Math.max(1, Math.min(batch, Math.floor(count / (WINDOWS * context))));

/** Token by token, part by part. */
async function through(
  codec: TextCodec,
  on: Bound,
  { count, batch }: Pick<Compressed, "count" | "batch">,
  code: Code,
  { progress }: CompressOptions,
): Promise<void> {
  const { levels } = codec.factorisation;
  const span = Math.ceil(count / batch);
  const previous = new Float64Array(batch);
  const each = (row: Row, p: number) => {
    for (let lane = 0; lane < batch; lane++)
      if (lane * span + p < count) previous[lane] = code(row, lane, lane * span + p);
  };
  each({ data: new Float64Array(levels), offset: 0, stride: 0, law: "logits" }, 0);
  const walk: Walk = await walkOf(codec, on.runtime, on.params, batch);
  for (let p = 1; p < span; p++) {
    const k = ((p - 1) % codec.context) + 1;
    if (k === 1) walk.start(undefined);
    const { data, shape } = await walk.next(k, previous);
    const binary = shape.length === 1;
    each({ data, offset: 0, stride: binary ? 1 : levels, law: binary ? "log-odds" : "logits" }, p);
    if (p % 16 === 0 || p + 1 === span) progress?.((p + 1) / span);
  }
  await walk.dispose();
}
