import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { fold } from "../../random/index.ts";
import { type Bound, drawNoise, inChunks, rows } from "../bound.ts";
import type { GenerativeModel, GraphFunction, ModelEntry, Named, SampleOptions, UseOptions } from "../contract.ts";
import { classesOf, labelRows } from "../labels.ts";
import { importanceBound } from "./bound.ts";
import { completer } from "./complete.ts";
import { type VaeFunctions, type VaeParts, vaeFunctions } from "./functions.ts";
import { headOf } from "./likelihood.ts";
import { networks } from "./network.ts";
import { elboPhase } from "./objective.ts";
import { resolveLikelihood, type VaeConfig, vaeOptions } from "./options.ts";
import { vaePresets } from "./presets.ts";

/** What a VAE can do. */
export type Vae = GenerativeModel<"sample" | "logProb" | "encode" | "decode" | "complete">;

type Floats = HostArray<"float32">;

const CHUNK = 500;

/**
 * Variational autoencoder: p(x) = ∫ p(x|z) N(z; 0, I) dz with encoder q(z|x) = N(μ(x), diag σ²(x)), trained on the
 * evidence lower bound. Kingma & Welling 2013, arXiv 1312.6114.
 */
export function vae(options: Readonly<Record<string, unknown>>, data: DataSpec): Vae {
  const config: VaeConfig = vaeOptions.parse(options);
  const classes = classesOf(config.conditional, data, "vae");
  const likelihood = resolveLikelihood(config, data);
  const head = headOf(likelihood, data);
  const nets = networks(config, data, head.outputs);
  const parts: VaeParts = { nets, head, data, latent: config.latent, classes };
  const functions = vaeFunctions(parts);
  return {
    name: "vae",
    config,
    data,
    ...(likelihood === "gaussian" && data.values === "bytes" ? { encoding: { dequantize: true } } : {}),
    conditional: config.conditional,
    init: (key) =>
      ({ encoder: nets.encoder.init(fold(key, "encoder")), decoder: nets.decoder.init(fold(key, "decoder")) }) as never,
    learning: { kind: "gradient", phases: [elboPhase(config, nets, head)] },
    functions: functions as unknown as Named<GraphFunction>,
    ...capabilities(parts, functions),
  };
}

function capabilities(parts: VaeParts, functions: VaeFunctions) {
  return {
    sample: (on: Bound, options: SampleOptions) => sample(parts, functions, on, options),
    encode: (on: Bound, x: Floats, options: UseOptions) =>
      mapRows(parts, on, functions.encode, "x", x, "mean", [parts.latent], options),
    decode: (on: Bound, z: Floats, options: UseOptions) =>
      mapRows(parts, on, functions.decode, "z", z, "mean", parts.data.shape, options),
    logProb: importanceBound(parts),
    complete: completer(parts),
  };
}

/** Runs a function of one tensor over all rows in chunks. */
async function mapRows(
  parts: VaeParts,
  on: Bound,
  fn: GraphFunction,
  input: string,
  value: Floats,
  output: string,
  shape: readonly number[],
  options: UseOptions,
): Promise<Floats> {
  const count = value.shape[0]!;
  const labels = labelRows(parts.classes, options.labels, count);
  const result = new HostArray(
    "float32",
    [count, ...shape],
    new Float32Array(count * shape.reduce((a, b) => a * b, 1)),
  );
  await inChunks(
    count,
    CHUNK,
    async (start, end) => {
      const extra = labels ? { labels: rows(labels, start, end) } : {};
      const outputs = await on.run(fn, { [input]: rows(value, start, end), ...extra });
      rows(result, start, end).data.set(outputs[output]!.data);
    },
    options.progress,
  );
  return result;
}

/** x ~ p(x|z), z = temperature · ε. */
async function sample(
  parts: VaeParts,
  functions: VaeFunctions,
  on: Bound,
  { count, key, labels, temperature = 1, topK, topP, mean = false, progress }: SampleOptions,
): Promise<Floats> {
  if (topK !== undefined || topP !== undefined)
    throw new UsageError(
      "A vae draws all values at once from a latent code: top-k and top-p are for models that draw value by value.",
    );
  const { shape } = parts.data;
  const size = shape.reduce((a, b) => a * b, 1);
  const given = labelRows(parts.classes, labels, count);
  const result = new HostArray("float32", [count, ...shape], new Float32Array(count * size));
  await inChunks(
    count,
    CHUNK,
    async (start, end) => {
      const noise = drawNoise("normal", fold(key, "latent"), [end - start, parts.latent], start * parts.latent);
      for (let i = 0; i < noise.data.length; i++) noise.data[i]! *= temperature;
      const pixels = drawNoise(parts.head.law, fold(key, "pixels"), [end - start, ...shape], start * size);
      const extra = given ? { labels: rows(given, start, end) } : {};
      const outputs = await on.run(functions.sample, { noise, pixels, ...extra });
      rows(result, start, end).data.set(outputs[mean ? "mean" : "x"]!.data);
    },
    progress,
  );
  return result;
}

/** The registry's entry. */
export const vaeEntry: ModelEntry = {
  name: "vae",
  family: "latent variable",
  title: "Variational autoencoder",
  paper: "Kingma & Welling 2013, arXiv 1312.6114",
  kind: "lower-bound",
  options: vaeOptions,
  presets: vaePresets,
  make: vae,
};
