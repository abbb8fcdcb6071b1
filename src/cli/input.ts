import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { sameShape, showShape, sizeOf } from "../base/shape.ts";
import { type Binarization, binarizations, type Encoding, fillExamples } from "../data/encoding.ts";
import type { Examples } from "../data/examples.ts";
import { readWhole } from "../data/paths.node.ts";
import { type SplitName, splitNames } from "../data/types.ts";
import type { AnyModel } from "../models/contract.ts";
import { key } from "../random/index.ts";
import { examples } from "../training/index.ts";
import type { OptionSpec } from "./command.ts";
import type { Reporter } from "./output/index.ts";
import { numberList, wholeNumber } from "./parse.ts";
import { readRows } from "./rows/index.ts";
import { readSequences } from "./sequences/index.ts";
import { checkSource } from "./source.ts";

import { dataOfRun, type InUse, labelsFor } from "./trained.ts";

/** Options of every command that takes examples, from the run's own data or from a file. */
export const inputOptions: readonly OptionSpec[] = [
  {
    flags: "--split <name>",
    description: "examples of the run's data: train, valid or test (test)",
    choices: splitNames,
  },
  { flags: "--input <path>", description: "examples of your own: image, folder, or IDX, NPY, NPZ, CSV or CIFAR file" },
  { flags: "-n, --count <number>", description: "only the first so many", parse: wholeNumber(1) },
  { flags: "--binarize <how>", description: "make the bytes of --input binary", choices: binarizations },
  {
    flags: "--size <pixels>",
    description: "bring the images of --input to this height and width",
    parse: wholeNumber(1),
  },
  { flags: "--labels <list>", description: "classes of the examples, for conditional models", parse: numberList },
  { flags: "--seed <number>", description: "decides everything random (0)", parse: wholeNumber(0), default: 0 },
];

/** Examples in model units, with what a conditional model needs to know about them. */
export interface Chosen {
  readonly x: HostArray<"float32">;
  readonly labels?: ArrayLike<number>;
  /** "the test split" or the path. */
  readonly from: string;
}

type Options = Readonly<Record<string, unknown>>;

/** The examples a command line asks for; `usual` is how many of a split are taken when no count is given. */
export async function chosenExamples(use: InUse, options: Options, out: Reporter, usual?: number): Promise<Chosen> {
  const { trained } = use;
  const { values } = trained.model.data;
  const path = options.input as string | undefined;
  const count = (options.count as number | undefined) ?? (path === undefined ? usual : undefined);
  if (values === "table") return asExamples(await readRows(use, { ...options, count }, out));
  checkSource(options, values === "sequences" ? "sequences" : "examples");
  if (path !== undefined && values === "sequences")
    return asExamples({ ...(await readSequences(trained.model, path, out)), from: path });
  if (path !== undefined) return ownExamples(trained, path, options, out);
  for (const name of ["binarize", "size"])
    if (options[name] !== undefined) throw new UsageError(`--${name} says how to read --input; leave it out here.`);
  const split = (options.split as SplitName | undefined) ?? "test";
  const data = await dataOfRun(trained, out);
  const part = data.dataset.splits[split];
  const indices = Uint32Array.from({ length: Math.min(part.count, count ?? part.count) }, (_, i) => i);
  const noise = { key: key(options.seed as number), epoch: 0 };
  const x = examples(trained.model, data, split, indices, noise).x as HostArray<"float32">;
  const labels = labelsGivenOr(trained.model, options, part.labels?.subarray(0, indices.length), indices.length);
  return { x, ...labels, from: `the ${split} split of ${data.dataset.name}` };
}

const asExamples = ({ x, from }: { readonly x: HostArray; readonly from: string }): Chosen => ({
  x: x as HostArray<"float32">,
  from,
});

function labelsGivenOr(model: AnyModel, options: Options, own: ArrayLike<number> | undefined, count: number) {
  const list = options.labels as number[] | undefined;
  if (list || !model.conditional) return labelsFor(model, list, count);
  if (own) return { labels: own };
  throw new UsageError("This model is conditioned on labels and the examples have none; give them with --labels.");
}

async function ownExamples(
  { model, run }: InUse["trained"],
  path: string,
  options: Options,
  out: Reporter,
): Promise<Chosen> {
  const size = options.size as number | undefined;
  const onProgress = (done: number, total: number) => out.progress({ label: "reading images", fraction: done / total });
  const whole = await readWhole(path, { ...(size === undefined ? {} : { size }), onProgress });
  const source = run.manifest.data.source as { options?: { standardize?: boolean; binarize?: Binarization } };
  if (source.options?.standardize)
    out.warn(`${run.folder} was trained on standardised data; the numbers of ${path} are taken as standardised.`);
  const binarize = (options.binarize ?? binarizedAs(whole, source.options?.binarize)) as Binarization | undefined;
  if (binarize !== options.binarize)
    out.warn(`The bytes of ${path} are made zeros and ones by threshold, as for the training of ${run.folder}.`);
  const count = Math.min(whole.count, (options.count as number | undefined) ?? whole.count);
  const x = fitExamples(model, whole, path, count, binarize, options.seed as number);
  const labels = labelsGivenOr(model, options, ownLabels(model, whole, path)?.subarray(0, count), count);
  return { x, ...labels, from: path };
}

/** A model trained on bytes made binary by threshold takes other bytes the same way; draws are to be asked for. */
function binarizedAs({ spec }: Examples, trained: Binarization | undefined): Binarization | undefined {
  return spec.values === "bytes" && trained === "threshold" ? trained : undefined;
}

/** The labels of a file as class numbers of the model, matched by name. */
function ownLabels(model: AnyModel, { labels, spec }: Examples, path: string): Int32Array | undefined {
  if (!model.conditional || !labels) return undefined;
  const names = model.data.classes ?? [];
  const places = (spec.classes ?? []).map((name) => names.indexOf(name));
  const unknown = spec.classes?.find((_, i) => places[i] === -1);
  if (unknown !== undefined)
    throw new UsageError(
      `${path} has the label ${unknown}, which the model does not know; it knows ${names.join(", ")}.`,
    );
  return Int32Array.from(labels, (label) => places[label]!);
}

/** Examples of a file as the model sees them, or one sentence that says why they do not fit. */
export function fitExamples(
  model: AnyModel,
  given: Examples,
  where: string,
  count = given.count,
  binarize?: Binarization,
  seed = 0,
): HostArray<"float32"> {
  checkShape(model, given, where);
  const { shape } = model.data;
  const x = new HostArray("float32", [count, ...shape], new Float32Array(count * sizeOf(shape)));
  const spec = { shape, values: given.spec.values };
  const indices = Uint32Array.from({ length: count }, (_, i) => i);
  const encoding = encodingOf(model, given, where, binarize);
  if (encoding) fillExamples(x.data, given, spec, indices, encoding, { key: key(seed), epoch: 0 });
  else x.data.set(given.x.subarray(0, x.data.length));
  return x;
}

function checkShape(model: AnyModel, { spec }: Examples, where: string): void {
  const { shape } = model.data;
  const isRow = spec.shape.length === 1 && spec.shape[0] === sizeOf(shape);
  if (isRow || sameShape(spec.shape, shape)) return;
  const sized = shape.length === 3 && spec.shape.length === 3 && spec.shape[0] === shape[0];
  const cure = sized && shape[1] === shape[2] ? `; images are brought to that size with --size ${shape[1]}` : "";
  throw new UsageError(
    `${where} holds examples of shape ${showShape(spec.shape)}, and the model takes ${showShape(shape)}${cure}.`,
  );
}

/** How stored numbers become what the model takes; undefined when they are in model units already. */
function encodingOf(model: AnyModel, given: Examples, where: string, binarize?: Binarization): Encoding | undefined {
  const { values } = given.spec;
  const wanted = model.data.values;
  if (binarize !== undefined && (wanted !== "binary" || (values !== "bytes" && values !== "binary")))
    throw new UsageError(
      `--binarize makes bytes binary; ${where} holds ${values} data and the model takes ${wanted} data.`,
    );
  if (wanted === "tokens" || values === "tokens")
    throw new UsageError(`${where} holds ${values} data, and the model takes ${wanted}; text is given with --prompt.`);
  if (wanted === "real") return undefined;
  if (values === wanted) return values === "bytes" ? (model.encoding ?? {}) : {};
  if (wanted === "binary" && values === "bytes") {
    if (binarize) return { binarize };
    throw new UsageError(`${where} holds bytes, and the model takes zeros and ones; add --binarize threshold.`);
  }
  if (wanted === "bytes" && values === "binary") return undefined;
  if (wanted === "bytes" && inUnit(given.x)) return undefined;
  const range = wanted === "binary" ? "zeros and ones" : "bytes, or numbers from 0 to 1";
  throw new UsageError(`${where} holds ${values} numbers, and the model takes ${range}.`);
}

const inUnit = (x: ArrayLike<number>) => Array.prototype.every.call(x, (value: number) => value >= 0 && value <= 1);
