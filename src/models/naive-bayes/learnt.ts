import type { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import type { LearntTable, Params } from "../contract.ts";
import type { LawParams } from "./laws.ts";
import type { Parts } from "./parts.ts";

type Row = LearntTable["rows"][number];

/** Parameters as one of the families has them. */
interface Stored {
  readonly prior: HostArray<"float64">;
  readonly columns?: readonly LawParams[];
  readonly shares?: HostArray<"float64">;
  readonly weights?: HostArray<"float64">;
}

/** p(class), and what each column is like in each class. */
export function learntTables(parts: Parts, params: Params): LearntTable[] {
  const { columns, place, names } = parts;
  const { prior, columns: laws, shares, weights } = params as unknown as Stored;
  const classes = names.map((name) => `${columns[place]!.name} = ${name}`);
  const inputs = columns.filter((_, i) => i !== place);
  const shown: LearntTable = { title: "Classes", head: ["", ...classes], rows: [["p(class)", ...prior.data]] };
  const words = shares ?? weights;
  if (words) {
    const own = (i: number) => names.map((_, y) => words.data[y * inputs.length + i]!);
    const rows = inputs.map(({ name }, i): Row => [name, ...own(i)]);
    return [
      shown,
      { title: shares ? "Shares of the columns" : "Weights of the columns", head: ["column", ...classes], rows },
    ];
  }
  return [shown, ...numbers(inputs, laws!, classes), ...levels(inputs, laws!, classes)];
}

/** Means with deviations of normals; means with dispersions of counts. */
function numbers(inputs: readonly Column[], laws: readonly LawParams[], classes: readonly string[]): LearntTable[] {
  const rows = inputs.flatMap(({ name }, i): Row[] => {
    const { mean, variance, dispersion } = laws[i]!;
    if (!mean) return [];
    const second: Row = variance
      ? [`${name}, standard deviation`, ...variance.data.map(Math.sqrt)]
      : [`${name}, dispersion`, ...dispersion!.data];
    return [[`${name}, mean`, ...mean.data], second];
  });
  if (rows.length === 0) return [];
  const counted = laws.some(({ dispersion }) => dispersion);
  const note = counted ? { note: "A count of mean m and dispersion d varies by m + d m²." } : {};
  return [{ title: "Numbers", head: ["column", ...classes], rows, ...note }];
}

/** p(level | class). */
function levels(inputs: readonly Column[], laws: readonly LawParams[], classes: readonly string[]): LearntTable[] {
  const rows = inputs.flatMap(({ name, levels }, i): Row[] => {
    const { probabilities } = laws[i]!;
    if (!probabilities) return [];
    const [count, L] = probabilities.shape as [number, number];
    const names = levels ?? ["0", "1"];
    return Array.from({ length: L }, (_, v) => [
      `${name} = ${names[v] ?? v}`,
      ...Array.from({ length: count }, (_, y) => probabilities.data[y * L + v]!),
    ]);
  });
  return rows.length === 0 ? [] : [{ title: "Levels", head: ["p(level given class)", ...classes], rows }];
}

/** Probabilities of L levels are L − 1 numbers; a variance that all classes share is one. */
export function freeParameters({ names, config }: Parts, params: Params): number {
  const K = names.length;
  const { columns, shares, weights } = params as unknown as Stored;
  if (weights) return weights.size;
  if (shares) return K - 1 + shares.size - K + 2;
  const own = columns!.map(({ probabilities, mean, variance, dispersion }) => {
    if (probabilities) return probabilities.size - K;
    if (dispersion) return mean!.size + (config.counts === "poisson" ? 0 : dispersion.size);
    return mean!.size + (config.sharedVariance ? 1 : variance!.size);
  });
  return own.reduce((a, b) => a + b, K - 1);
}
