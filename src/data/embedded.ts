import { UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import { fold, type Key, key } from "../random/index.ts";
import { drawPictures, type PictureKind, type PictureOptions, pictureSpec } from "./graphics/generate.ts";
import { hashContents } from "./hash.ts";
import { drawTable, generatedSpec } from "./table/generate.ts";
import { toy2d, toyNames } from "./toy2d.ts";
import { type DataSpec, type Dataset, type Split, type SplitName, splitNames } from "./types.ts";

/** What may be chosen about an embedded data set; pictures take the options of the generator as well. */
export interface EmbeddedOptions extends PictureOptions {
  /** Seed of the generator (0); the same seed gives the same bytes. */
  readonly seed?: number;
  /** Number of examples in each split. */
  readonly counts?: Readonly<Partial<Record<SplitName, number>>>;
}

interface Source {
  readonly spec: DataSpec;
  readonly counts: Readonly<Record<SplitName, number>>;
  readonly description: string;
  draw(k: Key, count: number): Split;
}

const pictureSets: Readonly<Record<string, { readonly kind: PictureKind; readonly options: PictureOptions }>> = {
  digits: { kind: "digits", options: {} },
  "digits-binary": { kind: "digits", options: { binary: true } },
  "digits-colour": { kind: "digits", options: { colour: true } },
  shapes: { kind: "shapes", options: {} },
  "shapes-binary": { kind: "shapes", options: { binary: true } },
  "shapes-colour": { kind: "shapes", options: { colour: true } },
};

const TOY = "toy:";
const TABLE = "table";

/** Names of the data sets that are generated, without any file. */
export const embeddedNames: readonly string[] = [
  ...Object.keys(pictureSets),
  ...toyNames.map((name) => TOY + name),
  TABLE,
];

function pictureSource(name: string, chosen: PictureOptions): Source {
  const { kind, options } = pictureSets[name]!;
  const all = { ...options, ...chosen };
  const [channels, height, width] = pictureSpec(kind, all).shape;
  return {
    spec: pictureSpec(kind, all),
    counts: { train: 20_000, valid: 2_000, test: 2_000 },
    description: `generated ${name}, ${height}x${width} in ${channels === 1 ? "grey" : "colour"}${all.binary ? ", cut at one half to 0 and 1" : ""}`,
    draw: (k, count) => drawPictures(kind, k, count, all),
  };
}

function toySource(name: string, chosen: PictureOptions): Source {
  const given = Object.keys(chosen);
  if (given.length > 0)
    throw new UsageError(`${name} is made of points in the plane: leave the option ${given[0]} out.`);
  const toy = toy2d(name.slice(TOY.length));
  const classes = toy.components > 1 ? Array.from({ length: toy.components }, (_, i) => String(i)) : undefined;
  return {
    spec: { shape: [2], values: "real", ...(classes && { classes }) },
    counts: { train: 20_000, valid: 5_000, test: 5_000 },
    description: `generated ${name}, entropy ${toy.entropy.toFixed(3)} nats (${toy.via})`,
    draw(k, count) {
      const { x, labels } = toy.sample(k, count);
      return classes ? { count, x, labels } : { count, x };
    },
  };
}

function tableSource(chosen: PictureOptions): Source {
  const given = Object.keys(chosen)[0];
  if (given) throw new UsageError(`${TABLE} is made of rows of columns: leave the option ${given} out.`);
  return {
    spec: generatedSpec,
    counts: { train: 4_000, valid: 1_000, test: 1_000 },
    description: "generated table of six columns with a known distribution, 5 % of visits and 10 % of weights missing",
    draw: drawTable,
  };
}

function sourceOf(name: string, chosen: PictureOptions): Source {
  if (name === TABLE) return tableSource(chosen);
  return name.startsWith(TOY) ? toySource(name, chosen) : pictureSource(name, chosen);
}

function checkedCounts(defaults: Source["counts"], chosen: EmbeddedOptions["counts"]): Record<SplitName, number> {
  const counts = { ...defaults, ...chosen };
  for (const name of splitNames)
    if (!Number.isInteger(counts[name]) || counts[name] < 1)
      throw new UsageError(`The ${name} split needs a whole number of examples from 1 on; got ${counts[name]}.`);
  return counts;
}

/**
 * An embedded data set by name. Its splits are independent draws from fold(key(seed), split name), so a larger split
 * begins with the examples of a smaller one.
 */
export function embedded(name: string, options: EmbeddedOptions = {}): Dataset {
  if (!embeddedNames.includes(name)) throw new UsageError(unknownName("embedded data set", name, embeddedNames));
  const { seed = 0, counts: chosenCounts, ...chosen } = options;
  const source = sourceOf(name, chosen);
  const counts = checkedCounts(source.counts, chosenCounts);
  const draw = (split: SplitName) => source.draw(fold(key(seed), split), counts[split]);
  const splits = { train: draw("train"), valid: draw("valid"), test: draw("test") };
  const contents = { spec: source.spec, splits };
  const sizes = splitNames.map((split) => `${counts[split]} ${split}`).join(", ");
  return {
    name,
    ...contents,
    protocol: `${source.description}; seed ${seed}; ${sizes}, independent draws.`,
    hash: hashContents(contents),
  };
}
