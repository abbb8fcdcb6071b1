import { SampoError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { fold, type Key, uniform } from "../../random/index.ts";
import type { Numbers, Params } from "../contract.ts";
import { inverseCdf } from "./laws.ts";
import type { Parts } from "./parts.ts";

/** log p(y) + log p(known inputs | y), [n, classes]. */
export function scored({ columns, names, family }: Parts, params: Params, x: Numbers): Float64Array {
  const { prior } = params as unknown as { readonly prior: HostArray<"float64"> };
  const { rate } = family.open(params);
  const rows = x.data instanceof Float64Array ? x.data : Float64Array.from(x.data);
  const classes = names.length;
  const scores = new Float64Array(x.shape[0]! * classes);
  const start = family.priorless ? new Float64Array(classes) : prior.data.map(Math.log);
  for (let n = 0; n < x.shape[0]!; n++) {
    const own = scores.subarray(n * classes, (n + 1) * classes);
    own.set(start);
    rate(rows, n * columns.length, own);
  }
  return scores;
}

/** log p(y | known inputs), [n, classes]. */
export function posterior(parts: Parts, params: Params, x: Numbers): Float64Array {
  const classes = parts.names.length;
  const scores = scored(parts, params, x);
  for (let n = 0; n < x.shape[0]!; n++) normalise(scores.subarray(n * classes, (n + 1) * classes), n);
  return scores;
}

/** Fills gaps in place: the class where it is missing, then the inputs given the class. */
export function filled(parts: Parts, params: Params, x: HostArray<"float64">, key: Key): HostArray<"float64"> {
  const { place, family, names } = parts;
  const [classes, width] = [names.length, parts.columns.length];
  const shares = posterior(parts, params, x).map(Math.exp);
  const u = uniform(fold(key, "class"), [x.shape[0]!]).data;
  const chosen = Int32Array.from(u, (each, n) => {
    const given = x.data[n * width + place]!;
    return Number.isNaN(given) ? inverseCdf(shares.subarray(n * classes, (n + 1) * classes), each) : given;
  });
  family.open(params).fill!(x.data, chosen, key);
  for (let n = 0; n < chosen.length; n++) x.data[n * width + place] = chosen[n]!;
  return x;
}

/** Log scores of classes turned into log probabilities; throws where every class is impossible. */
function normalise(scores: Float64Array, row: number): void {
  const sum = logSumExp(scores);
  if (sum === Number.NEGATIVE_INFINITY)
    throw new SampoError(
      `Row ${row + 1} has probability zero under every class: it holds values that never stood together in training; train with --set alpha=1.`,
    );
  for (let y = 0; y < scores.length; y++) scores[y]! -= sum;
}
