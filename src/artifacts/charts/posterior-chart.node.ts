import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { elements, type Posterior } from "../../bayes/program/index.ts";
import { curveChart, type Series } from "./charts.node.ts";

/** Points at which a density is drawn, and the most steps of a trace that are. */
const GRID = 120;
const MOST_STEPS = 500;

function spread(x: Float64Array): number {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  return Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length);
}

/** The density of each chain's draws, smoothed by normal kernels of Silverman's width 1.06 s n^−⅕. */
function densities(chains: readonly Float64Array[]): Series[] {
  const all = Float64Array.from(chains.flatMap((chain) => [...chain])).sort();
  const [low, high] = [all[Math.floor(0.002 * all.length)]!, all[Math.floor(0.998 * (all.length - 1))]!];
  const width = Math.max(1.06 * spread(all) * chains[0]!.length ** -0.2, 1e-12);
  const x = Array.from({ length: GRID }, (_, i) => low + ((high - low) * i) / (GRID - 1));
  return chains.map((chain, c) => {
    const at = (point: number) => chain.reduce((sum, v) => sum + Math.exp(-0.5 * ((point - v) / width) ** 2), 0);
    const scale = 1 / (chain.length * width * Math.sqrt(2 * Math.PI));
    return { name: `chain ${c + 1}`, x, y: x.map((point) => at(point) * scale) };
  });
}

function traces(chains: readonly Float64Array[]): Series[] {
  const step = Math.ceil(chains[0]!.length / MOST_STEPS);
  return chains.map((chain, c) => {
    const x = Array.from({ length: Math.floor(chain.length / step) }, (_, i) => i * step);
    return { name: `chain ${c + 1}`, x, y: x.map((i) => chain[i]!) };
  });
}

/** Puts a chart at a place of a larger one. */
const placed = (svg: string, x: number, y: number) => svg.replace("<svg ", `<svg x="${x}" y="${y}" `);

/** Posterior densities (left) and traces (right) of the named numbers, such as `mu` or `theta[0]`, as one SVG. */
export function posteriorChart(posterior: Posterior, names: readonly string[]): string {
  if (names.length === 0) throw new UsageError("posteriorChart needs at least one name to draw.");
  const all = elements(posterior);
  const size = { width: 420, height: 150 };
  const rows = names.map((name, row) => {
    const found = all.find((one) => one.name === name);
    if (!found)
      throw new UsageError(
        unknownName(
          "quantity",
          name,
          all.map((one) => one.name),
        ),
      );
    const density = curveChart(densities(found.chains), { title: name, x: name, y: "density", ...size });
    const trace = curveChart(traces(found.chains), { title: `${name}, draw by draw`, x: "draw", y: name, ...size });
    const height = Number(/ height="(\d+)"/.exec(density)![1]);
    return [placed(density, 0, row * height), placed(trace, size.width, row * height), height] as const;
  });
  const [width, height] = [2 * size.width, rows.reduce((sum, [, , own]) => sum + own, 0)];
  const parts = rows.map(([density, trace]) => `${density}\n${trace}`).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">\n${parts}\n</svg>\n`;
}
