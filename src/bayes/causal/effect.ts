import { SampoError, UsageError } from "../../base/errors.ts";
import { type DenseTable, stateIndex, type Variable } from "../../probability/tables/index.ts";
import { type InferenceOptions, posterior } from "../exact/index.ts";
import { dagOf } from "../graph/index.ts";
import { columnsNamed, countsOf, type Records } from "../learning/records.ts";
import type { Network } from "../network.ts";
import { isBackDoorSet } from "./back-door.ts";

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

/**
 * The adjustment formula p(y | do(x)) = Σ_z p(y | x, z) p(z) from numbers over (z…, x, y), y varying fastest: rows by x,
 * columns by y. Throws where some z with p(z) > 0 never goes with an x (positivity).
 */
function adjusted(values: Float64Array, causes: Variable, effects: Variable): Float64Array[] {
  const [width, rows] = [effects.states.length, causes.states.length];
  const total = sum(values);
  const result = causes.states.map(() => new Float64Array(width));
  for (let start = 0; start < values.length; start += rows * width) {
    const stratum = sum(values.subarray(start, start + rows * width));
    if (stratum === 0) continue;
    for (let x = 0; x < rows; x++) {
      const row = values.subarray(start + x * width, start + (x + 1) * width);
      const given = sum(row);
      for (let y = 0; y < width; y++) result[x]![y]! += given > 0 ? (stratum / total) * (row[y]! / given) : Number.NaN;
    }
  }
  return result;
}

/** p(effect | do(cause = x)) for each state x of the cause: rows by x, columns by the effect's states. */
export interface CausalEffect {
  readonly cause: Variable;
  readonly effect: Variable;
  readonly adjustedFor: readonly string[];
  readonly distributions: readonly Float64Array[];
}

function checkSet(network: Network, cause: string, effect: string, set: readonly string[]): void {
  if (!isBackDoorSet(dagOf(network), cause, effect, set))
    throw new UsageError(
      `{${set.join(", ")}} does not satisfy the back-door criterion for the effect of ${cause} on ${effect}.`,
    );
}

/** The effect of a cause by adjustment for a back-door set, from a network's own exact joint of the variables involved. */
export function adjustedEffect(
  network: Network,
  cause: string,
  effect: string,
  set: readonly string[],
  options: InferenceOptions = {},
): CausalEffect {
  checkSet(network, cause, effect, set);
  const names = [...set, cause, effect];
  const joint = posterior(network, names, {}, options);
  return effectOf(joint, set);
}

/**
 * The effect of a cause by adjustment for a set of variables, from counts of rows (those without gaps in these columns);
 * `smoothing` imagined observations are added to each cell. Whether the set satisfies the back-door criterion follows from
 * a graph, not from data: ask isBackDoorSet.
 */
export function adjustedEffectFromData(
  records: Records,
  cause: string,
  effect: string,
  set: readonly string[],
  smoothing = 0,
): CausalEffect {
  const places = columnsNamed(records, [...set, cause, effect]);
  const values = countsOf(records, places).map((n) => n + smoothing);
  return effectOf({ variables: places.map((v) => records.variables[v]!), values }, set);
}

function effectOf({ variables, values }: DenseTable, set: readonly string[]): CausalEffect {
  const [cause, effect] = variables.slice(-2);
  return { cause: cause!, effect: effect!, adjustedFor: set, distributions: adjusted(values, cause!, effect!) };
}

/** How much the probability of a state of the effect grows when the cause is set to one state instead of another. */
export function averageCausalEffect(
  { cause, effect, distributions, adjustedFor }: CausalEffect,
  state: string,
  treated: string,
  control: string,
): number {
  const [y, one, other] = [stateIndex(effect, state), stateIndex(cause, treated), stateIndex(cause, control)];
  const difference = distributions[one]![y]! - distributions[other]![y]!;
  if (!Number.isNaN(difference)) return difference;
  throw new SampoError(
    `Some states of ${adjustedFor.join(", ") || "the data"} never go with ${cause.name}=${treated} or ${control}: the effect does not follow without more data or smoothing.`,
  );
}
