import { UsageError } from "../../../base/errors.ts";
import { HostArray } from "../../../base/host.ts";
import type { DataSpec } from "../../../data/types.ts";
import { type Code, decoderOf, encoderOf, numbersOf, perUnit } from "../../autoregressive/coder.ts";
import { unitOf, variablesOf } from "../../autoregressive/factorisation.ts";
import type { Compression, CompressOptions } from "../../compression.ts";
import type { Params } from "../../contract.ts";
import type { NgramReader } from "./tree.ts";

/** What compression needs to know of the model. */
interface Codec {
  readonly data: DataSpec;
  readonly order: number;
  readonly levels: number;
  readonly readerOf: (params: Params) => NgramReader;
}

/**
 * Compression by n-grams, value by value in one stream: a text of any length, [1, tokens], or images one after the other.
 * The probabilities are products and sums of the same numbers in the same order on every machine, and become integer
 * frequencies as they are, so encoder and decoder cannot disagree.
 */
export function ngramCompression(codec: Codec): Compression {
  const { data, levels, readerOf } = codec;
  const unit = unitOf(data);
  const shapeOf = (count: number) => (data.values === "tokens" ? [1, count] : [count, ...data.shape]);
  return {
    compress: async (on, x, options) => {
      const encoder = encoderOf(numbersOf(checked(x, data), levels, unit), levels);
      await through(codec, readerOf(on.params), x.size, encoder.code, options);
      const count = data.values === "tokens" ? x.size : x.shape[0]!;
      return { count, batch: count, streams: [encoder.finish()], modelBits: encoder.bits() };
    },
    decompress: async (on, { count, streams }, options) => {
      const shape = shapeOf(count);
      const result = new HostArray("float32", shape, new Float32Array(shape.reduce((a, b) => a * b)));
      const code = decoderOf(streams[0]!, levels, (value, at) => {
        result.data[at] = value / perUnit(unit);
      });
      await through(codec, readerOf(on.params), result.size, code, options);
      return result;
    },
  };
}

function checked(x: HostArray<"float32">, { values }: DataSpec): HostArray<"float32"> {
  if (values === "tokens" && (x.shape.length !== 2 || x.shape[0] !== 1 || x.size === 0))
    throw new UsageError(`A model of tokens compresses one text, [1, tokens], not [${x.shape}].`);
  return x;
}

/** Values between two reports of progress. */
const REPORT = 1 << 14;

/** All values in their order; an image begins anew with zeros before it, a text looks back on all there is. */
async function through(
  { data, order, levels }: Codec,
  reader: NgramReader,
  size: number,
  code: Code,
  { progress }: CompressOptions,
): Promise<void> {
  const text = data.values === "tokens";
  const [span, lead] = text ? [size, 0] : [variablesOf(data), order - 1];
  const tokens = new Int32Array(lead + span);
  for (let at = 0; at < size; at++) {
    const place = lead + (at % span);
    const row = { data: reader.probabilities(tokens, place), offset: 0, stride: levels, law: "weights" } as const;
    tokens[place] = code(row, 0, at);
    if (at % REPORT === REPORT - 1 || at + 1 === size) {
      progress?.((at + 1) / size);
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
  }
}
