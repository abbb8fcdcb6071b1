import { HostArray } from "../base/host.ts";
import type { AnyModel, Directions, LearntTable, Numbers, Params } from "../models/contract.ts";
import type { ReportChart } from "./report/report.ts";

/** Directions that are drawn, and those that a table lists. */
const [DRAWN, LISTED] = [64, 8];

type Found = Directions & { readonly count: number };

/** The directions of a linear model, with their number. */
function found(model: AnyModel, params: Params): Found | undefined {
  const directions = model.directions?.(params);
  return directions && { ...directions, count: directions.vectors.shape[0]! };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** How much of the variance each direction explains, and all up to it; two are told by their table alone. */
export async function explainedChart(model: AnyModel, params: Params): Promise<ReportChart[]> {
  const directions = found(model, params);
  if (!directions?.explained || directions.count < 3) return [];
  const { name, explained, count } = directions;
  let sum = 0;
  const together = Float64Array.from(explained, (share) => {
    sum += share;
    return 100 * sum;
  });
  const x = Float64Array.from({ length: count }, (_, k) => k + 1);
  const { curveChart } = await import("./charts/charts.node.ts");
  const svg = curveChart(
    [
      { name: `each ${name}`, x, y: Float64Array.from(explained, (share) => 100 * share) },
      { name: "all so far", x, y: together, dashed: true },
    ],
    {
      title: "Explained variance",
      subtitle: `${percent(sum)} by ${count} ${name}${count === 1 ? "" : "s"}`,
      x: name,
      y: "% of the variance",
    },
  );
  return [{ svg }];
}

/** The directions in the space of images, each scaled to its largest entry: grey is zero, light is positive. */
export function directionImages(
  model: AnyModel,
  params: Params,
): { readonly name: string; readonly images: Numbers } | undefined {
  const directions = found(model, params);
  if (!directions) return undefined;
  const { name, vectors, count } = directions;
  const shown = Math.min(DRAWN, count);
  const size = vectors.data.length / count;
  const data = new Float32Array(shown * size);
  for (let k = 0; k < shown; k++) {
    const own = vectors.data.subarray(k * size, (k + 1) * size);
    const most = own.reduce((top, value) => Math.max(top, Math.abs(value)), 0) || 1;
    data.set(
      own.map((value) => 0.5 + 0.5 * (value / most)),
      k * size,
    );
  }
  return { name, images: new HostArray("float32", [shown, ...vectors.shape.slice(1)], data) };
}

/** The share of the variance that each direction explains; and of a table, what each column weighs in the first ones. */
export function directionTables(model: AnyModel, params: Params): LearntTable[] {
  const directions = found(model, params);
  if (!directions) return [];
  return [...explainedTable(directions), ...columnsTable(model, directions)];
}

function explainedTable({ name, explained, count }: Found): LearntTable[] {
  if (!explained) return [];
  let sum = 0;
  const rows = Array.from({ length: count }, (_, k): LearntTable["rows"][number] => {
    sum += explained[k]!;
    return [`${name} ${k + 1}`, explained[k]!, sum];
  });
  return [{ title: "Explained variance", head: [name, "share of the variance", "all so far"], rows }];
}

function columnsTable({ data: { columns } }: AnyModel, { name, vectors, count }: Found): LearntTable[] {
  if (!columns) return [];
  const shown = Array.from({ length: Math.min(LISTED, count) }, (_, k) => k);
  return [
    {
      title: `Columns in each ${name}`,
      head: ["column", ...shown.map((k) => `${name} ${k + 1}`)],
      rows: columns.map((column, i) => [column.name, ...shown.map((k) => vectors.data[k * columns.length + i]!)]),
      note: `How far each column moves along a ${name}.`,
    },
  ];
}
