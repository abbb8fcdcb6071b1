import { fold, type Key } from "../../random/index.ts";
import type { Params } from "../contract.ts";
import { array } from "./components.ts";
import type { Fitting } from "./fitting.ts";
import type { MixtureConfig } from "./options.ts";
import type { Place, Rounds } from "./rounds.ts";
import { startOf } from "./starts.ts";
import type { Surveyed } from "./survey.ts";
import type { Posterior } from "./variational.ts";

/** Rounds after which starts are compared (Biernacki, Celeux & Govaert 2003). */
const TRIAL_ROUNDS = 10;

/** Where the fit of one number of components stands: a start is tried, or the best of them goes on. */
export interface Walk {
  /** The start that is tried, from 0 on; as many as there are once the best goes on. */
  readonly trial: number;
  /** Rounds of this start; once the best goes on, steps with the choice of it as the first. */
  readonly round: number;
  /** What the last of these steps gained. */
  readonly gain: number;
  readonly place: Place;
  /** The best of the starts before. */
  readonly best?: Place;
}

/** What a walk goes over. */
interface Way {
  readonly fitting: Fitting;
  readonly rows: Surveyed;
  readonly key: Key;
  readonly rounds: Rounds;
}

/** All places from the first start, or from where it was stopped, until a round gains too little. */
export async function* walked(way: Way, from?: Walk): AsyncGenerator<Walk> {
  let walk = from ?? (await begun(way, 0));
  if (!from) yield walk;
  for (;;) {
    const next = trying(way.fitting.config, walk) ? await tried(way, walk) : await further(way, walk);
    if (!next) return;
    walk = next;
    yield walk;
  }
}

/** Whether a start is tried still. */
export const trying = ({ starts }: MixtureConfig, { trial }: Walk): boolean => trial < starts;

/** The share of the most rounds there can be that a walk has behind it. */
export function behind({ starts, iterations }: MixtureConfig, { trial, round }: Walk): number {
  const each = trialRounds(starts) + 1;
  return Math.min(1, (trial * each + round) / (starts * each + iterations));
}

const trialRounds = (starts: number) => (starts > 1 ? TRIAL_ROUNDS : 1);

/** The beginning of a start. */
async function begun({ fitting, rows, key, rounds }: Way, trial: number, best?: Place): Promise<Walk> {
  const place = { ...(await startOf(fitting, rows, fold(key, trial), rounds)), score: Number.NEGATIVE_INFINITY };
  return { trial, round: 0, gain: Number.POSITIVE_INFINITY, place, ...(best ? { best } : {}) };
}

/** One more round of a start, then the next start, then the best of them. */
async function tried(way: Way, walk: Walk): Promise<Walk> {
  const { trial, round, place, best } = walk;
  const { starts } = way.fitting.config;
  if (round < trialRounds(starts)) return { ...walk, round: round + 1, place: await way.rounds.next(place) };
  const better = best && best.score >= place.score ? best : place;
  if (trial + 1 < starts) return begun(way, trial + 1, better);
  return { trial: starts, round: 1, gain: Number.POSITIVE_INFINITY, place: better };
}

/** One more round of the best start; none where the last one gained too little, or was the last there may be. */
async function further({ fitting, rounds }: Way, walk: Walk): Promise<Walk | undefined> {
  if (ended(fitting.config, walk)) return undefined;
  const place = await rounds.next(walk.place);
  return { ...walk, round: walk.round + 1, gain: place.score - walk.place.score, place };
}

/** Whether no round follows. */
export const ended = (config: MixtureConfig, walk: Walk): boolean =>
  !trying(config, walk) && (walk.gain < config.tolerance || walk.round >= config.iterations);

/** A walk as arrays that a file can hold, but for the parameters of its place. */
export function stored({ trial, round, gain, place, best }: Walk): Params {
  return {
    at: array([4], Float64Array.of(trial, round, gain, place.score)),
    ...(place.posterior ? { posterior: place.posterior as unknown as Params } : {}),
    ...(best
      ? {
          best: {
            params: best.params,
            score: array([], Float64Array.of(best.score)),
            ...(best.posterior ? { posterior: best.posterior as unknown as Params } : {}),
          },
        }
      : {}),
  };
}

/** What `stored` gives. */
interface Stored {
  readonly at: { readonly data: ArrayLike<number> };
  readonly posterior?: Posterior;
  readonly best?: {
    readonly params: Params;
    readonly score: { readonly data: ArrayLike<number> };
    readonly posterior?: Posterior;
  };
}

/** The walk that was stored, with the parameters of its place. */
export function restored(state: Params, params: Params): Walk {
  const { at, posterior, best } = state as unknown as Stored;
  const [trial, round, gain, score] = Array.from(at.data) as [number, number, number, number];
  return {
    trial,
    round,
    gain,
    place: { params, score, ...(posterior ? { posterior } : {}) },
    ...(best ? { best: { ...best, score: best.score.data[0]! } } : {}),
  };
}
