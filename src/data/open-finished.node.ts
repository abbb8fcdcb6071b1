import { createHash } from "node:crypto";
import { DataError } from "../base/errors.ts";
import { fold, type Key } from "../random/index.ts";
import { type Binarization, binarizeOnce, checkEncoding } from "./encoding.ts";
import { type Hasher, hashContents } from "./hash.ts";
import type { Loaded } from "./named.ts";
import type { OpenOptions } from "./open-options.node.ts";
import type { Tokenizer } from "./text/index.ts";
import type { Dataset } from "./types.ts";

const binarizationNotes: Readonly<Record<Binarization, string>> = {
  static: "Binarised once: each pixel drawn by the seed from Bernoulli(value/255).",
  dynamic: "Binarised dynamically: each use draws every pixel from Bernoulli(value/255).",
  threshold: "Binarised by threshold: 1 where the value is at least 128.",
};

/** What was loaded, with the tokeniser where it is text. */
type LoadedAny = Loaded & { readonly tokenizer?: Tokenizer };

/** What was loaded as a data set with its hash, made binary if so asked. */
export function finish(name: string, loaded: LoadedAny, options: OpenOptions, seed: Key): Dataset {
  const { binarize } = options;
  checkSplits(name, loaded);
  if (!binarize || loaded.spec.values === "binary") return complete(name, loaded, loaded.protocol);
  checkEncoding(loaded.spec, { binarize });
  const protocol = `${loaded.protocol} ${binarizationNotes[binarize]}`;
  if (binarize === "dynamic") return complete(name, loaded, protocol);
  return complete(name, binarizeOnce(loaded, binarize, fold(seed, "binarize")), protocol);
}

function checkSplits(name: string, { splits }: Pick<Dataset, "splits">): void {
  for (const [split, { count }] of Object.entries(splits))
    if (count === 0) throw new DataError(`The ${split} split of ${name} holds no example.`);
}

/** Parts as a data set with its hash. */
export function complete(
  name: string,
  parts: Pick<Dataset, "spec" | "splits" | "tokenizer"> & { readonly protocol?: string },
  protocol = parts.protocol ?? "",
): Dataset {
  const { spec, splits, tokenizer } = parts;
  const hash = hashContents({ spec, splits }, nativeHasher());
  return { name, spec, splits, protocol, hash, ...(tokenizer && { tokenizer }) };
}

function nativeHasher(): Hasher {
  const hash = createHash("sha256");
  return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
}
