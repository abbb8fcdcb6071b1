import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { planDouble } from "../../runtime/index.ts";
import { type Summary, summarize, summaryTable } from "../../samplers/diagnostics/index.ts";
import { type Program, quantities, traceAt } from "./program.ts";

/** Draws by name, [chains, draws, ...shape]. */
export type Draws = { readonly [name: string]: HostArray<"float64"> };

/** Draws of a program's latent variables and derived quantities. */
export interface Posterior {
  readonly program: Program;
  readonly method: string;
  readonly chains: number;
  readonly draws: number;
  /** The unconstrained draws of each chain, [draws · dimension]. */
  readonly positions: readonly Float64Array[];
  readonly values: Draws;
  /** Sentences on what a reader must know before believing the draws; none when nothing was seen. */
  readonly notes: readonly string[];
}

/** The constrained values of unconstrained draws. */
export function valuesOf(model: Program, positions: readonly Float64Array[]): Draws {
  const graph = traceAt(model, quantities(model));
  const plan = planDouble(graph);
  const d = model.dimension;
  const draws = positions[0]!.length / d;
  const arrays = graph.outputs.map(
    ({ tensor: { shape } }) => new Float64Array(positions.length * draws * sizeOf(shape)),
  );
  positions.forEach((chain, c) => {
    for (let i = 0; i < draws; i++) {
      plan.inputs[0]!.set(chain.subarray(i * d, (i + 1) * d));
      plan.run();
      plan.outputs.forEach((value, k) => {
        arrays[k]!.set(value, (c * draws + i) * value.length);
      });
    }
  });
  return Object.fromEntries(
    graph.outputs.map(({ name, tensor: { shape } }, k) => [
      name,
      new HostArray("float64", [positions.length, draws, ...shape], arrays[k]!),
    ]),
  );
}

/** `theta[1,0]` for element 3 of shape [2, 3]... the name alone for a single number. */
function elementName(name: string, shape: readonly number[], index: number): string {
  if (shape.length === 0) return name;
  const place: number[] = [];
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return `${name}[${place.join(",")}]`;
}

/** The draws of every single number, chain by chain, with its name. */
export function elements({ values, chains, draws }: Pick<Posterior, "values" | "chains" | "draws">) {
  return Object.entries(values).flatMap(([name, { shape, data }]) => {
    const own = shape.slice(2);
    const size = sizeOf(own);
    return Array.from({ length: size }, (_, e) => ({
      name: elementName(name, own, e),
      chains: Array.from({ length: chains }, (_, c) =>
        Float64Array.from({ length: draws }, (_, i) => data[(c * draws + i) * size + e]!),
      ),
    }));
  });
}

/** Mean, spread, quantiles, Monte Carlo error and convergence of every number. */
export function summary(posterior: Posterior): Summary[] {
  return elements(posterior).map(({ name, chains }) => summarize(name, chains));
}

/** The summary as a table of plain text, with the notes below it. */
export function table(posterior: Posterior): string {
  return [summaryTable(summary(posterior)), ...posterior.notes].join("\n");
}
