import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Column } from "../../data/table/types.ts";
import type {
  CategoricalEmission,
  Emission,
  GaussianEmission,
  PoissonEmission,
  ProductEmission,
} from "../../probability/markov/index.ts";
import { inverseCdf, uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";
import { checkObserved } from "../autoregressive/complete.ts";
import { type Bound, rows } from "../bound.ts";
import type { HiddenStates, Numbers, Params, SampleOptions, StateChain } from "../contract.ts";
import type { Hmm, Parts } from "./hmm-parts.ts";
import { mapRows } from "./rows.ts";
import { readSteps, type Steps } from "./steps.ts";

/** log p(value t | values before it) of what is modelled. */
export function conditionals({ steps, used }: Parts, on: Bound, row: ArrayLike<number>): Float64Array {
  const nats = used(on.params).conditionals(readSteps(steps, row));
  const dead = nats.indexOf(Number.NEGATIVE_INFINITY);
  if (dead >= 0) nats.fill(0, dead + 1);
  if (steps.given) nats[0] = 0;
  return nats;
}

/** −log p of every value given those before it, number by number within a step; 0 of what is given, NaN of what is missing. */
export function surpriseOf(parts: Parts): NonNullable<Hmm["surprise"]> {
  const { steps, used } = parts;
  return async (on, x) => {
    const size = sizeOf(x.shape.slice(1));
    const nats = new HostArray("float32", x.shape, new Float32Array(x.size).fill(steps.ragged ? Number.NaN : 0));
    mapRows(x, (row, n) => {
      const whole = steps.dimension === 1 && !steps.ragged;
      const own = whole ? conditionals(parts, on, row) : used(on.params).coordinates(readSteps(steps, row));
      own.forEach((value, t) => {
        nats.data[n * size + steps.skip + t] = value === 0 ? 0 : -value;
      });
    });
    return { nats, order: 0, orders: 1 };
  };
}

/** An array of examples of one number everywhere: doubles of sequences of rows, else float32. */
function filled({ ragged }: Steps, shape: readonly number[], value: number): Numbers {
  const size = sizeOf(shape);
  return ragged
    ? new HostArray("float64", shape, new Float64Array(size).fill(value))
    : new HostArray("float32", shape, new Float32Array(size).fill(value));
}

/** Steps of a drawn sequence: all, or as many as those of the training data have. */
function drawnLength(params: Params, { length, ragged }: Steps, key: Key): number {
  if (!ragged) return length;
  const { lengths } = params as unknown as { readonly lengths: HostArray<"float64"> };
  const total = lengths.data.reduce((a, b) => a + b, 0);
  return inverseCdf(lengths.data, uniforms64(fold(key, "length"), 1)[0]! * total) + 1;
}

/** Whole sequences from the model. */
export function sample({ steps, size, data, used }: Parts, on: Bound, given: SampleOptions): Numbers {
  const { count, key, temperature = 1, topK, topP } = given;
  if (temperature !== 1 || topK !== undefined || topP !== undefined)
    throw new UsageError(
      "hmm draws whole sequences from its distribution as it is: leave temperature, top-k and top-p.",
    );
  const values = filled(steps, [count, ...data.shape], steps.ragged ? Number.NaN : (data.boundary ?? 0));
  const model = used(on.params);
  for (let n = 0; n < count; n++) {
    const drawn = model.sample(fold(key, n), drawnLength(on.params, steps, fold(key, n))).steps;
    for (let i = 0; i < drawn.length; i++) values.data[n * size + steps.skip + i] = drawn[i]! * steps.unit;
  }
  return values;
}

/** Fills gaps from their exact joint law; what is observed to be NaN lies beyond the end of a sequence and stays so. */
export function complete(
  { steps, data, used }: Parts,
  on: Bound,
  x: Numbers,
  observed: HostArray<"float32">,
  key: Key,
): Numbers {
  checkObserved(x as HostArray<"float32">, observed);
  const done = filled(steps, x.shape, 0);
  const size = sizeOf(x.shape.slice(1));
  const model = used(on.params);
  mapRows(x, (row, n) => {
    const seen = rows(observed, n, n + 1).data;
    const drawn = model.complete(readSteps(steps, row, seen), fold(key, n)).steps;
    for (let i = 0; i < size; i++) {
      const value = i < steps.skip ? data.boundary! : drawn[i - steps.skip]! * steps.unit;
      done.data[n * size + i] = seen[i]! > 0.5 ? row[i]! : value;
    }
  });
  return done;
}

/** p(state | sequence) of every step. */
export function encode({ steps, used, config }: Parts, on: Bound, x: Numbers): Numbers {
  const codes = mapRows(x, (row) => used(on.params).smooth(readSteps(steps, row)));
  const width = steps.ragged ? (x.shape[1] as number) * config.states : (codes[0]?.length ?? 0);
  const all = filled(steps, [codes.length, width], Number.NaN);
  codes.forEach((code, i) => {
    all.data.set(code, i * width);
  });
  return all;
}

/** Most probable paths, with the posterior of every step's state. */
export async function hiddenStates({ steps, used }: Parts, on: Bound, x: Numbers): Promise<HiddenStates> {
  const model = used(on.params);
  const read = mapRows(x, (row) => readSteps(steps, row));
  const most = Math.max(1, ...read.map(({ length }) => length / steps.dimension));
  const array = (shape: readonly number[]) =>
    new HostArray("float64", shape, new Float64Array(sizeOf(shape)).fill(Number.NaN));
  const path = array([read.length, most]);
  const posterior = array([read.length, most, model.states]);
  const nats = Float64Array.from(read, (sequence, n) => {
    const best = model.viterbi(sequence);
    path.data.set(best.path, n * most);
    posterior.data.set(model.smooth(sequence), n * most * model.states);
    return best.logProb;
  });
  return { count: model.states, path, nats, posterior };
}

/** The chain of hidden states, with what each shows of every column. */
export function chainOf({ data, used, fitted, steps }: Parts, on: Bound): StateChain {
  const { initial, transition, emission, states } = steps.ragged ? fitted(on.params) : used(on.params);
  const names = Array.from({ length: states }, (_, i) => `state ${i}`);
  const shown = data.columns && names.map((_, i) => shownBy(emission, i, data.columns!));
  return { states: names, order: 1, initial, transition, ...(shown ? { shown } : {}) };
}

/** What a state shows: means and deviations of numbers, probabilities of levels. */
export function shownBy(emission: Emission, state: number, columns: readonly Column[]): Record<string, number> {
  const entries = (emission as ProductEmission).blocks.flatMap(({ places, emission: own }) =>
    places.flatMap((place, j): [string, number][] => {
      const { name, levels } = columns[place]!;
      if (levels) {
        const { probabilities } = own as CategoricalEmission;
        return levels.map((level, v) => [`p(${name} = ${level})`, probabilities[state * levels.length + v]!]);
      }
      if (own.family === "poisson")
        return [[`mean of ${name}`, (own as PoissonEmission).rates[state * own.dimension + j]!]];
      return momentsShown(own as GaussianEmission, state, j, name);
    }),
  );
  return Object.fromEntries(entries);
}

/** Means and deviations of the numbers of a step that a state shows. */
export function normalShown(
  emission: GaussianEmission,
  state: number,
  names: readonly string[],
): Record<string, number> {
  return Object.fromEntries(names.flatMap((name, j) => momentsShown(emission, state, j, name)));
}

const momentsShown = (emission: GaussianEmission, state: number, j: number, name: string): [string, number][] => [
  [`mean of ${name}`, emission.means[state * emission.dimension + j]!],
  [`deviation of ${name}`, Math.sqrt(varianceOf(emission, state, j))],
];

function varianceOf({ covariance, covariances, dimension: d }: GaussianEmission, state: number, j: number): number {
  if (covariance === "spherical") return covariances[state]!;
  if (covariance === "diagonal") return covariances[state * d + j]!;
  return covariances[(covariance === "full" ? state * d * d : 0) + j * (d + 1)]!;
}
