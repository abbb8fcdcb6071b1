import { type CodecSize, codecSizes } from "../artifacts/codecs.node.ts";
import { readBytes, writeFileAtomic } from "../artifacts/files.node.ts";
import { DataError, UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { packContainer } from "../coding/index.ts";
import { readContent } from "../data/files.node.ts";
import { decodeTokens } from "../data/text/index.ts";
import { exactVersion } from "../graph/passes/index.ts";
import type { Compression } from "../models/compression.ts";
import type { AnyModel } from "../models/contract.ts";
import { fingerprint } from "../models/fingerprint.ts";
import type { Invocation, Result } from "./command.ts";
import { checkContent, contentHash, type Header, openPacked } from "./packed.ts";
import { checkNotInput } from "./source.ts";
import { tokenizerInUse } from "./text.ts";
import type { InUse } from "./trained.ts";

type Out = Invocation["out"];
type TextModel = AnyModel & Compression;

/** Compresses a text file by a model of tokens. */
export async function compressText(
  use: InUse,
  model: TextModel,
  options: Invocation["options"],
  out: Out,
): Promise<Result> {
  const input = options.input as string | undefined;
  const foreign = ["split", "count", "binarize", "size", "labels"].find((name) => options[name] !== undefined);
  if (foreign) throw new UsageError(`A text is compressed as it is and whole: leave --${foreign} out.`);
  checkNotInput(options);
  if (input === undefined) throw new UsageError("Say which text to compress, for example: --input play.txt");
  const [file, tokenizer] = [String(options.out), tokenizerInUse(use)];
  const text = await readContent(input);
  if (text.length === 0) throw new DataError(`${input} is empty: there is nothing to compress.`);
  const tokens = tokenizer.encode(text, input);
  const back = decodeTokens(tokenizer, tokens);
  if (contentHash(back) !== contentHash(text))
    throw new DataError(`${input} cannot be compressed: its tokens do not give the same text back.`);
  const started = performance.now();
  const x = new HostArray("float32", [1, tokens.length], Float32Array.from(tokens));
  const packed = await model.compress(use.on, x, {
    progress: (fraction) => out.progress({ label: "compress", fraction }),
  });
  const seconds = (performance.now() - started) / 1000;
  const header: Header = {
    forms: exactVersion,
    model: model.name,
    fingerprint: fingerprint(model, use.on.params),
    count: packed.count,
    batch: packed.batch,
    content: contentHash(text),
  };
  const bytes = packContainer({ header: { ...header }, streams: packed.streams });
  writeFileAtomic(file, bytes);
  const codecs = options.compare ? await codecSizes(text, [1], false) : undefined;
  const bitsPerByte = (8 * bytes.length) / text.length;
  const about = { count: packed.count, textBytes: text.length, bytes: bytes.length, bitsPerByte };
  const json = { run: use.trained.run.folder, from: input, file, ...about, modelBits: packed.modelBits, seconds };
  const head = `${file}: ${text.length} bytes of ${input} (${packed.count} tokens) in ${bytes.length} bytes, ${bitsPerByte.toFixed(4)} bits per byte, in ${seconds.toFixed(1)} s.`;
  const own = { codec: "−log₂ p(x)", bytes: Math.ceil(packed.modelBits / 8) };
  return {
    text: [head, ...(codecs ? [own, ...codecs] : []).map(line)].join("\n"),
    json: { ...json, ...(codecs ? { codecs } : {}) },
  };
}

const line = ({ codec, bytes }: CodecSize) => `${codec}: ${bytes} bytes`;

/** Turns a compressed file back into the text. */
export async function decompressText(
  use: InUse,
  model: TextModel,
  { input, file }: { readonly input: string; readonly file: string },
  out: Out,
): Promise<Result> {
  const tokenizer = tokenizerInUse(use);
  const { header, compressed } = openPacked(readBytes(input), input, model, fingerprint(model, use.on.params));
  const started = performance.now();
  const x = await model.decompress(use.on, compressed, {
    progress: (fraction) => out.progress({ label: "decompress", fraction }),
  });
  const seconds = (performance.now() - started) / 1000;
  const text = decodeTokens(tokenizer, x.data);
  checkContent(text, header, input);
  writeFileAtomic(file, text);
  return {
    text: `${file}: ${text.length} bytes, the same as were compressed, in ${seconds.toFixed(1)} s.`,
    json: { run: use.trained.run.folder, input, file, count: header.count, textBytes: text.length, seconds },
  };
}
