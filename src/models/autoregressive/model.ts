import type { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Compression } from "../compression.ts";
import type { Capabilities, GenerativeModel } from "../contract.ts";
import { anyOrderCompletion } from "./any-order.ts";
import { complete } from "./complete.ts";
import { compression } from "./compress.ts";
import { textCompression } from "./compress-text.ts";
import { dataStart } from "./data-start.ts";
import { countedOf, type Factorisation, givenOf, unitOf, variablesOf } from "./factorisation.ts";
import { batchGenerator } from "./generate.ts";
import { inspection } from "./inspect.ts";
import { functionsOf, likelihood } from "./likelihood.ts";
import { naive } from "./naive.ts";
import type { Parts } from "./parts.ts";
import { phaseOf } from "./phase.ts";
import { batchReader } from "./reader.ts";
import { sample } from "./sample.ts";

/** What every autoregressive model can do. */
export type AutoregressiveModel = GenerativeModel<"sample" | "logProb" | "complete" | "surprise" | "causality"> &
  Partial<Compression> & {
    /** Reads text, where the data are tokens. */
    readonly read?: Capabilities["read"];
    /** The factorisation all of it follows from: for compression, causality maps and tests. */
    readonly factorisation: Factorisation;
  };

/** A factorisation with what the registry knows about it. */
export interface AutoregressiveOptions {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: DataSpec;
  readonly factorisation: Factorisation;
  /** Number of classes it is conditioned on; 0 when it is not. */
  readonly classes?: number;
  /** Examples handled at once by the engine (100 when left out): fewer for models that need much memory. */
  readonly chunk?: number;
}

/** The model a factorisation makes: exact likelihood, ancestral sampling and completion. */
export function autoregressive(options: AutoregressiveOptions): AutoregressiveModel {
  const { name, config, data, classes = 0, chunk = 100 } = options;
  const factorisation = ofTokens(options.factorisation, data);
  const parts: Parts = {
    data,
    classes,
    chunk,
    unit: unitOf(data),
    size: variablesOf(data),
    factorisation,
    cached: factorisation.cached ?? naive(factorisation, data.shape),
  };
  const generate = batchGenerator(parts);
  const inAnyOrder = factorisation.anyOrder && anyOrderCompletion(factorisation.anyOrder, parts.unit);
  const functions = functionsOf(parts);
  return {
    name,
    config,
    data,
    conditional: classes > 0,
    init: factorisation.init,
    learning: { kind: "gradient", phases: [phaseOf(parts)], ...dataStart(factorisation) },
    functions,
    factorisation,
    sample: (on, given) => sample(parts, generate, on, given),
    logProb: (on, x: HostArray<"float32">, given) => likelihood(parts, functions.logProb, on, x, given),
    complete: (on, x: HostArray<"float32">, observed: HostArray<"float32">, given) =>
      complete(parts, inAnyOrder, generate, on, x, observed, given),
    ...inspection(parts),
    ...(data.values === "tokens"
      ? { read: batchReader(parts), ...textCodec(parts) }
      : compression({ ...parts, shape: data.shape, ownCache: factorisation.cached !== undefined, batch: chunk })),
  };
}

/** Compression of running text; lists of framed lines have none. */
function textCodec(parts: Parts): Partial<Compression> {
  if (parts.data.boundary !== undefined) return {};
  return textCompression({ ...parts, context: parts.size - 1, batch: parts.chunk });
}

/** The factorisation of tokens says which are given and which count; others stay as they are. */
function ofTokens(f: Factorisation, data: DataSpec): Factorisation {
  const [given, counted] = [givenOf(data), countedOf(data)];
  return { ...f, ...(given ? { given } : {}), ...(counted ? { counted } : {}) };
}
