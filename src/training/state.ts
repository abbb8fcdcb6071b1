import { z } from "zod";
import { decodeSafetensors, encodeSafetensors, fillTree } from "../base/codec/safetensors.ts";
import { DataError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { mapTree } from "../base/tree.ts";
import type { Cursor } from "../data/batching.ts";
import type { AnyModel, Params } from "../models/contract.ts";
import type { PlateauState } from "../optim/index.ts";
import type { Key } from "../random/index.ts";

/** The part of the state that the compiled step reads and writes. */
export interface StepState {
  readonly params: Params;
  /** Exponential moving average of the parameters, when the training configuration asks for one. */
  readonly ema?: Params;
  /** Optimiser state by phase. */
  readonly optimizer: Params;
}

/** Everything a run is: going on from it gives, bit for bit, the run that never stopped. */
export interface TrainState extends StepState {
  readonly step: number;
  readonly key: Key;
  readonly cursor: Cursor;
  /** Best validation so far. */
  readonly best?: { readonly step: number; readonly value: number };
  /** What the plateau schedule remembers, when it is the schedule. */
  readonly plateau?: PlateauState;
  /** What a closed-form fit remembers: log p(x) per training example before the last round, and what the one before had gained. */
  readonly fit?: { readonly nats: number; readonly gain?: number };
  /** Validations since the best. */
  readonly stale: number;
  /** Seconds trained so far, all sittings together. */
  readonly seconds: number;
}

/** The parameters to evaluate and sample with: the average where there is one. */
export function evaluationParams(state: StepState): Params {
  return state.ema ?? state.params;
}

/** A copy of a tree that later steps do not overwrite. */
export function snapshot<T>(tree: T): T {
  return mapTree<HostArray, HostArray, T>(
    tree,
    (leaf) => new (leaf.constructor as typeof HostArray)(leaf.dtype, leaf.shape, leaf.data.slice()),
  ) as T;
}

/** A state as the bytes of a safetensors file: tensors under params/, ema/ and optimizer/, the rest in its metadata. */
export function encodeState(state: TrainState, model: string): Uint8Array {
  const { params, ema, optimizer, ...rest } = state;
  const tensors = ema === undefined ? { params, optimizer } : { params, ema, optimizer };
  return encodeSafetensors(tensors, { format: "sampo-training-state-1", model, state: JSON.stringify(rest) });
}

/** Parameters alone as the bytes of a safetensors file. */
export function encodeParams(params: Params, model: string): Uint8Array {
  return encodeSafetensors({ params }, { format: "sampo-parameters-1", model });
}

type Scalars = Omit<TrainState, keyof StepState>;

/** What a file may decide about parameters: nothing, their sizes (closed forms that say so), or names too (direct fits). */
export type Freedom = "none" | "sizes" | "names";

/** What the files of a model may decide. */
export function freedomOf({ learning }: AnyModel): Freedom {
  if (learning.kind === "direct") return "names";
  return learning.kind === "closed-form" && learning.elastic ? "sizes" : "none";
}

/** A tree of the tensors whose names begin with a word; numbers from 0 on make an array. */
function grown(tensors: ReadonlyMap<string, HostArray>, word: string): unknown {
  type Branch = { [name: string]: Branch | HostArray };
  const top: Branch = {};
  for (const [path, tensor] of tensors) {
    const names = path.split("/");
    const last = names.pop()!;
    let branch = top;
    for (const name of names) {
      if (!Object.hasOwn(branch, name)) branch[name] = Object.create(null) as Branch;
      branch = branch[name] as Branch;
    }
    branch[last] = tensor;
  }
  return arrayed(word === "" ? top : (top[word] ?? {}));
}

function arrayed(branch: unknown): unknown {
  if (branch instanceof HostArray) return branch;
  const entries = Object.entries(branch as object).map(([name, child]) => [name, arrayed(child)] as const);
  const numbered =
    entries.length > 0 && entries.every(([name]) => /^(0|[1-9]\d*)$/.test(name) && Number(name) < entries.length);
  if (!numbered) return Object.fromEntries(entries);
  return [...entries].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}

/** Where sizes follow from the data, those of a file: numbers of elements are free, kinds and ranks are not. */
function stretched<T>(like: T, tensors: ReadonlyMap<string, HostArray>, freedom: Freedom): T {
  if (freedom === "none") return like;
  return mapTree<HostArray, HostArray, T>(like, (leaf, path) => {
    const found = tensors.get(path);
    return found && found.dtype === leaf.dtype && found.shape.length === leaf.shape.length ? found : leaf;
  }) as T;
}

/** A state read back; `like` gives the names and shapes the model and its optimiser have, as far as files do not decide. */
export function decodeState(
  bytes: Uint8Array,
  like: StepState,
  model: string,
  where: string,
  freedom: Freedom = "none",
): TrainState {
  const { tensors, metadata } = read(bytes, model, where);
  const scalars = parseScalars(metadata.state, where);
  if (freedom === "names")
    return { params: grown(tensors, "params") as Params, optimizer: grown(tensors, "optimizer") as Params, ...scalars };
  return { ...(fillTree(stretched(like, tensors, freedom), tensors, where) as unknown as StepState), ...scalars };
}

/** Parameters read back from a file that `encodeParams` or `export` wrote for that model. */
export function decodeParams(
  bytes: Uint8Array,
  like: Params,
  model: string,
  where: string,
  freedom: Freedom = "none",
): Params {
  return paramsNamed(read(bytes, model, where).tensors, like, where, freedom);
}

/**
 * Parameters from any safetensors file that names them by their paths, as `export` writes and as other tools can; a
 * common prefix `params/` is allowed.
 */
export function importParams(bytes: Uint8Array, like: Params, where: string): Params {
  return paramsNamed(decodeSafetensors(bytes, where).tensors, like, where);
}

function paramsNamed(
  tensors: ReadonlyMap<string, HostArray>,
  like: Params,
  where: string,
  freedom: Freedom = "none",
): Params {
  const plain = new Map([...tensors].map(([name, array]) => [name.replace(/^params\//, ""), array]));
  if (freedom === "names") return grown(plain, "") as Params;
  return fillTree<unknown>(stretched(like, plain, freedom), plain, where) as Params;
}

function read(bytes: Uint8Array, model: string, where: string) {
  const file = decodeSafetensors(bytes, where);
  if (file.metadata.model !== model)
    throw new DataError(`${where} is a checkpoint of the model "${file.metadata.model ?? "?"}", not of "${model}".`);
  return file;
}

const whole = z.int().nonnegative();

/** What the metadata of a training state must hold. */
const scalarsSchema = z.object({
  step: whole,
  key: z.object({ hi: whole, lo: whole }),
  cursor: z.object({ epoch: whole, position: whole }),
  best: z.object({ step: whole, value: z.number() }).optional(),
  plateau: z.object({ scale: z.number().positive(), best: z.number().nullable(), bad: whole, rest: whole }).optional(),
  fit: z.object({ nats: z.number(), gain: z.number().optional() }).optional(),
  stale: whole,
  seconds: z.number().nonnegative(),
});

function parseScalars(text: string | undefined, where: string): Scalars {
  if (text === undefined)
    throw new DataError(
      `${where} holds no training state: it holds parameters only, so training cannot go on from it.`,
    );
  const parsed = scalarsSchema.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data as Scalars;
  throw new DataError(
    `${where} holds a damaged training state: ${parsed.error.issues[0]!.message} at ${parsed.error.issues[0]!.path.join("/") || "the top"}.`,
  );
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
