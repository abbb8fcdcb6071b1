import { type CodecSize, codecSizes } from "../../artifacts/codecs.node.ts";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { UsageError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import { packContainer } from "../../coding/index.ts";
import { exactVersion } from "../../graph/passes/index.ts";
import { can } from "../../models/contract.ts";
import { fingerprint } from "../../models/fingerprint.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { type Chosen, chosenExamples, inputOptions } from "../input.ts";
import { table } from "../output/index.ts";
import { compressing, contentHash, type Header, packLabels, valuesOf } from "../packed.ts";
import { compressText } from "../packed-text.ts";
import { sourceOf } from "../stored.ts";
import { type InUse, trainedOptions, withTrained } from "../trained.ts";

/** `sampo compress`. */
export const compressCommand: CommandSpec = {
  name: "compress",
  summary: "Compress examples or text without loss by a trained model's probabilities.",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--out <file>", description: "the compressed file", default: "compressed.sampo" },
    {
      flags: "--compare",
      description: "measure gzip, Brotli, PNG and WebP, and the model's own −log₂ p(x), beside it",
    },
    ...inputOptions,
    ...trainedOptions,
  ],
  examples: [
    "compress runs/m --input digits.idx.gz --out digits.sampo",
    "compress runs/m --split test --out test.sampo --compare --json",
    "compress runs/g --input play.txt --out play.sampo",
  ],
  run: compress,
};

async function compress({ args, options, out }: Invocation): Promise<Result> {
  const file = String(options.out);
  return withTrained(args[0]!, options, out, async (use) => {
    const model = compressing(use.trained.model);
    if (model.data.values === "tokens") return compressText(use, model, options, out);
    const chosen = await chosenExamples(use, options, out);
    const { x, labels, from } = chosen;
    if (x.shape[0] === 0) throw new UsageError(`${from} holds no example to compress.`);
    const started = performance.now();
    const packed = await model.compress(use.on, x, {
      ...(labels ? { labels } : {}),
      progress: (fraction) => out.progress({ label: "compress", fraction }),
    });
    const seconds = (performance.now() - started) / 1000;
    const values = valuesOf(x, model);
    const source = options.input === undefined ? undefined : await sourceOf(String(options.input), values);
    const header: Header = {
      forms: exactVersion,
      model: model.name,
      fingerprint: fingerprint(model, use.on.params),
      count: packed.count,
      batch: packed.batch,
      content: contentHash(values),
      ...(labels ? { labels: true } : {}),
      ...(source ? { source } : {}),
    };
    const classes = model.data.classes?.length ?? 0;
    const streams = labels ? [packLabels(labels, classes), ...packed.streams] : packed.streams;
    const bytes = packContainer({ header: { ...header }, streams });
    writeFileAtomic(file, bytes);
    const size = sizeOf(x.shape);
    const measured = {
      count: packed.count,
      bytes: bytes.length,
      bitsPerDim: (8 * bytes.length) / size,
      modelBitsPerDim: packed.modelBits / size,
      seconds,
      bitForBit: source !== undefined,
    };
    const others = options.compare ? await comparison(use, chosen, values, out) : undefined;
    const json = { run: args[0], from, file, ...measured, ...(others ?? {}) };
    return { text: describe(file, from, measured, size, others), json };
  });
}

interface Comparison {
  /** −log₂ p(x) per dimension by the model's own likelihood, computed in float32. */
  readonly likelihoodBitsPerDim?: number;
  /** What the likelihood is: of a chain, or a mean over orders. */
  readonly via?: string | undefined;
  readonly codecs: readonly (CodecSize & { readonly bitsPerDim: number })[];
}

async function comparison(
  { trained: { model }, on }: InUse,
  { x, labels }: Chosen,
  values: Uint8Array,
  out: Invocation["out"],
): Promise<Comparison> {
  out.progress({ label: "gzip, Brotli, PNG and WebP" });
  const sizes = await codecSizes(values, model.data.shape, model.data.values === "binary");
  const codecs = sizes.map((each) => ({ ...each, bitsPerDim: (8 * each.bytes) / values.length }));
  if (!can(model, "logProb")) return { codecs };
  const { nats, via } = await model.logProb(on, x, { key: key(0), ...(labels ? { labels } : {}) });
  return { likelihoodBitsPerDim: -nats.reduce((a, b) => a + b, 0) / Math.LN2 / values.length, via, codecs };
}

const columns = [
  { title: "" },
  { title: "bytes", align: "right" },
  { title: "bits per dimension", align: "right" },
] as const;

interface Measured {
  readonly count: number;
  readonly bytes: number;
  readonly bitsPerDim: number;
  readonly modelBitsPerDim: number;
  readonly seconds: number;
  readonly bitForBit: boolean;
}

function describe(file: string, from: string, measured: Measured, size: number, others?: Comparison): string {
  const { count, bytes, bitsPerDim, modelBitsPerDim, seconds, bitForBit } = measured;
  const head = `${file}: ${count} examples of ${from} in ${bytes} bytes, ${bitsPerDim.toFixed(4)} bits per dimension, in ${seconds.toFixed(1)} s.`;
  const note = bitForBit ? " It decompresses to the same numbers bit for bit." : "";
  if (!others) return head + note;
  const ideal = (name: string, bits: number) => [name, String(Math.ceil((bits * size) / 8)), bits.toFixed(4)];
  const { likelihoodBitsPerDim, via } = others;
  const rows = [
    [file, String(bytes), bitsPerDim.toFixed(4)],
    ideal("−log₂ p(x) as coded: in one order, exact form", modelBitsPerDim),
    ...(likelihoodBitsPerDim === undefined ? [] : [ideal(`−log₂ p(x): ${via}`, likelihoodBitsPerDim)]),
    ...others.codecs.map(({ codec, bytes: b, bitsPerDim: d }) => [codec, String(b), d.toFixed(4)]),
  ];
  return `${head}${note}\n${table(columns, rows)}`;
}
