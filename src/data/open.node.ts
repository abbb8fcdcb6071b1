import { UsageError } from "../base/errors.ts";
import { fold, type Key, key } from "../random/index.ts";
import type { Found } from "./arrays.ts";
import { catalogue } from "./catalogue.ts";
import { embedded, embeddedNames } from "./embedded.ts";
import { type Loaded, loadNamed } from "./named.ts";
import { finish } from "./open-finished.node.ts";
import { baseName, exists, filesOf, unknown } from "./open-named.node.ts";
import type { OpenDeps, OpenOptions } from "./open-options.node.ts";
import { openAsTable } from "./open-rows.node.ts";
import { openNamedText, openText, refuseForText, refuseTextOptions } from "./open-text.node.ts";
import { readPath } from "./paths.node.ts";
import { givenSplits, randomSplits, standardized } from "./splits.ts";
import { isText } from "./text.node.ts";
import type { Dataset } from "./types.ts";

/** Opens a data set by its name, or from a path to a folder of images or to an IDX, NPY, NPZ, CSV or CIFAR file. */
export async function openDataset(
  nameOrPath: string,
  { label, ...given }: OpenOptions = {},
  deps: OpenDeps = {},
): Promise<Dataset> {
  const target = given.target ?? label;
  const options: OpenOptions = target === undefined ? given : { ...given, target };
  const seed = key(options.seed ?? 0);
  if (options.table || options.sequence !== undefined || options.sequenceRows)
    return openAsTable(nameOrPath, options, deps, (plain) => openDataset(nameOrPath, plain, deps));
  refuseTableOptions(nameOrPath, options);
  if (embeddedNames.includes(nameOrPath)) return finish(nameOrPath, generate(nameOrPath, options), options, seed);
  if (options.counts)
    throw new UsageError(`Only generated data sets have any number of examples; leave counts out for ${nameOrPath}.`);
  const entry = catalogue.find(({ name }) => name === nameOrPath);
  if (entry?.layout === "text") {
    refuseForText(nameOrPath, options);
    return finish(nameOrPath, await openNamedText(entry, filesOf(entry, deps), options, deps), options, seed);
  }
  if (entry) {
    refuseTextOptions(nameOrPath, options);
    refuseColumns(nameOrPath, options);
    const { size, standardize } = options;
    const wanted = {
      key: seed,
      ...(size !== undefined && { size }),
      ...(standardize !== undefined && { standardize }),
    };
    return finish(nameOrPath, await loadNamed(entry, filesOf(entry, deps), wanted), options, seed);
  }
  if (!(await exists(nameOrPath))) throw new UsageError(unknown(nameOrPath));
  if (options.target === undefined && options.drop === undefined && (await isText(nameOrPath))) {
    refuseForText(nameOrPath, options);
    return finish(baseName(nameOrPath), await openText(nameOrPath, options, deps), options, seed);
  }
  refuseTextOptions(nameOrPath, options);
  const found = await readPath(nameOrPath, pathOptions(options, deps));
  const loaded = splitFound(found, nameOrPath, seed);
  return finish(baseName(nameOrPath), options.standardize ? scaled(loaded) : loaded, options, seed);
}

function generate(name: string, options: OpenOptions): Loaded {
  refuseColumns(name, options);
  refuseTextOptions(name, options);
  const { seed, size, counts, standardize } = options;
  const data = embedded(name, {
    ...(seed !== undefined && { seed }),
    ...(size !== undefined && { size }),
    ...(counts && { counts }),
  });
  return standardize ? scaled(data) : data;
}

function refuseColumns(name: string, { target, drop }: OpenOptions): void {
  if (target !== undefined || drop !== undefined)
    throw new UsageError(`The columns of the data set ${name} are fixed; leave target and drop out.`);
}

function refuseTableOptions(name: string, { columns, rows, randomRows, memory, splitBy }: OpenOptions): void {
  const told = { columns, rows, "random-rows": randomRows, memory, "split-by": splitBy };
  const given = Object.entries(told).find(([, value]) => value !== undefined);
  if (given)
    throw new UsageError(
      `Only models of tables read ${name} with --${given[0]}; other models: leave it out (or add --table).`,
    );
}

function pathOptions({ size, target, drop }: OpenOptions, { onProgress }: OpenDeps) {
  return {
    ...(size !== undefined && { size }),
    ...(target !== undefined && { label: target }),
    ...(drop && { drop }),
    ...(onProgress && { onProgress: (done: number, total: number) => onProgress("reading images", done, total) }),
  };
}

function splitFound(found: Found, where: string, seed: Key): Loaded {
  const name = baseName(where);
  if (!("all" in found)) {
    const parts = givenSplits(found, where);
    const valid = found.valid ? "and valid as given" : "as given, the end of train as validation set";
    return { ...parts, protocol: `${name}: train and test ${valid}.` };
  }
  const parts = randomSplits(found.all, fold(seed, "split"));
  const { train, valid, test } = parts.splits;
  const protocol = `${name}: shuffled by the seed into ${train.count} / ${valid.count} / ${test.count} (80 / 10 / 10 %).`;
  return { ...parts, protocol };
}

function scaled(loaded: Loaded): Loaded {
  if (loaded.spec.values !== "real")
    throw new UsageError(
      `Only real numbers can be standardised and this data is ${loaded.spec.values}: leave standardize out.`,
    );
  return {
    ...standardized(loaded),
    protocol: `${loaded.protocol.slice(0, -1)}, standardised with the statistics of train.`,
  };
}
