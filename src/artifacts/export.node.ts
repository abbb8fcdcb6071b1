import { join } from "node:path";
import { encodeSafetensors } from "../base/codec/safetensors.ts";
import { SampoError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { mapTree, namedLeaves } from "../base/tree.ts";
import type { LikelihoodFigure } from "../evaluation/index.ts";
import { type Aval, constant, type Tensor, trace } from "../graph/index.ts";
import { type Bound, drawNoise } from "../models/bound.ts";
import type { GraphFunction, Named, Params, TracedParams } from "../models/contract.ts";
import { emitForAnyBatch } from "../onnx/index.ts";
import { fold, key, uniform } from "../random/index.ts";
import type { LoadedModel } from "../runtime/ort/model.ts";
import { loadModel } from "../runtime/ort/native.node.ts";
import { renderCard } from "./card/card.ts";
import type { CardFunction, CardValue } from "./card/snippets.ts";
import { ensureFolder, writeFileAtomic } from "./files.node.ts";
import { commandLines } from "./manifest.ts";
import type { Trained } from "./trained.node.ts";

/** What an export wrote and how it compared with the run it came from. */
export interface Exported {
  readonly folder: string;
  readonly files: readonly string[];
  readonly functions: readonly (CardFunction & { readonly largestDifference: number })[];
}

/** Batch sizes every exported file is run at to be compared with the model it came from. */
const CHECKED = [1, 3, 8];
/** Largest difference, relative to 1 + |value|, that counts as rounding. */
const TOLERANCE = 1e-3;
/** Share of elements that may differ by more: a draw flips where its probability meets its uniform number to rounding. */
const FLIPS = 1e-3;

type Inputs = Named<Tensor>;

/** A graph function with its parameters written into it, as ONNX bytes for any batch size; initialisers carry the parameters' paths. */
export function functionModel(fn: GraphFunction, params: Params, name: string): Uint8Array {
  const labels = new Map(namedLeaves<HostArray>(params).map(({ path, leaf }) => [leaf, path]));
  const apply = (inputs: Inputs) => {
    const constants = mapTree<HostArray, Tensor>(params, (leaf) => constant(leaf)) as unknown as TracedParams;
    return fn.apply(constants, inputs);
  };
  return emitForAnyBatch(apply as never, { args: (batch) => [fn.inputs(batch)], name, labels });
}

/**
 * Writes a trained model as one ONNX file for each of its functions, the parameters as safetensors, and a model card;
 * every file is loaded back and compared with the model at several batch sizes before this returns.
 */
export async function exportTrained(
  trained: Trained,
  on: Bound,
  folder: string,
  likelihoods: readonly LikelihoodFigure[] = [],
): Promise<Exported> {
  ensureFolder(folder);
  const { model, params } = trained;
  const functions: Exported["functions"][number][] = [];
  for (const [name, fn] of Object.entries(model.functions)) {
    const file = `${name}.onnx`;
    const bytes = functionModel(fn, params, `${model.name}-${name}`);
    const largestDifference = await compareLoaded(bytes, fn, on, file);
    writeFileAtomic(join(folder, file), bytes);
    functions.push({ name, file, doc: fn.doc, ...describeValues(fn, params), largestDifference });
  }
  const weights = "parameters.safetensors";
  writeFileAtomic(
    join(folder, weights),
    encodeSafetensors(params, { format: "sampo-parameters-1", model: model.name }),
  );
  writeFileAtomic(join(folder, "README.md"), cardOf(trained, functions, likelihoods));
  return { folder, files: [...functions.map(({ file }) => file), weights, "README.md"], functions };
}

/** The largest difference by rounding; throws where the file computes something else. */
async function compareLoaded(bytes: Uint8Array, fn: GraphFunction, on: Bound, file: string): Promise<number> {
  const loaded = await loadModel(bytes);
  try {
    const differences: number[] = [];
    for (const batch of CHECKED) differences.push(...(await differencesAt(batch, loaded, fn, on)));
    const small = differences.filter((difference) => difference <= TOLERANCE);
    if (small.length < differences.length * (1 - FLIPS))
      throw new SampoError(`${file}, loaded back, computes other numbers than the model; nothing was written for it.`);
    return small.reduce((largest, difference) => Math.max(largest, difference), 0);
  } finally {
    await loaded.dispose();
  }
}

/** Differences between a loaded file and the model on random inputs, element by element, relative to 1 + |value|. */
async function differencesAt(batch: number, loaded: LoadedModel, fn: GraphFunction, on: Bound): Promise<number[]> {
  const inputs = mapTree<Aval, HostArray>(fn.inputs(batch), (spec, path) => {
    const k = fold(fold(key(0), path), batch);
    const law = fn.noise[path];
    if (law) return drawNoise(law, k, spec.shape);
    return new HostArray("float32", spec.shape, uniform(k, spec.shape).data.map(Math.round));
  }) as unknown as Named<HostArray>;
  const expected = await on.run(fn, inputs);
  const found = await loaded.run(inputs);
  return Object.entries(expected).flatMap(([name, { data }]) => {
    const other = (found[`output/${name}`] ?? found[name])!.data as Float32Array;
    return Array.from(data, (value, i) => Math.abs(value - other[i]!) / (1 + Math.abs(value)));
  });
}

/** Inputs and outputs as the card prints them, the batch axis by its name. */
function describeValues(fn: GraphFunction, params: Params): Pick<CardFunction, "inputs" | "outputs"> {
  const value = (name: string, { dtype, shape }: Aval): CardValue => {
    const law = fn.noise[name];
    return { name, dtype, shape: ["batch", ...shape.slice(1)], ...(law ? { noise: law } : {}) };
  };
  const given = fn.inputs(1);
  const { graph } = trace((p: never, i: never) => fn.apply(p, i), [params, given]);
  return {
    inputs: Object.entries(given).map(([name, spec]) => value(name, spec)),
    outputs: graph.outputs.map(({ name, tensor }) => value(name in given ? `output/${name}` : name, tensor)),
  };
}

function cardOf(
  { run, entry, model, checkpoint }: Trained,
  functions: readonly CardFunction[],
  likelihoods: readonly LikelihoodFigure[],
): string {
  const { manifest } = run;
  return renderCard({
    model: model.name,
    about: `${entry.title} (${entry.paper}) trained on ${manifest.data.name}.`,
    data: manifest.data,
    likelihoods: [...likelihoods],
    configuration: manifest.configuration,
    functions,
    example: "sample",
    training: {
      command: commandLines(manifest).join("; "),
      steps: checkpoint.step,
      minutes: Number((manifest.seconds / 60).toFixed(1)),
      ...manifest.versions,
      ...manifest.machine,
    },
  });
}
