import { float32, type HostArray } from "../../base/host.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key, permutation } from "../../random/index.ts";
import type { DirectGiven, DirectStep, Params } from "../contract.ts";
import { type BitRows, type BitTree, bitRows, expectation, fitTree, type TreeMixture } from "./trees.ts";

/** What is said about the fit. */
export interface TreeFitOptions {
  readonly components: number;
  readonly smoothing: number;
  readonly rounds: number;
  readonly tolerance: number;
}

const CHUNK = 8192;

async function readBits({ train }: DirectGiven, size: number): Promise<BitRows> {
  const all = new Uint8Array(train.count * size);
  for (let start = 0; start < train.count; start += CHUNK) {
    const { data } = await train.read(start, Math.min(train.count, start + CHUNK));
    for (let i = 0; i < data.length; i++) all[start * size + i] = data[i]! > 0.5 ? 1 : 0;
  }
  return bitRows(all, size);
}

/**
 * Trees by expectation-maximisation (Meilă & Jordan 2000): rows are shared out among the trees as p(tree | row) says, and
 * each tree is the Chow-Liu tree of what it received. One tree takes one round. A round never lowers the likelihood but
 * for the smoothing.
 */
export async function* fitTrees(size: number, options: TreeFitOptions, given: DirectGiven): AsyncGenerator<DirectStep> {
  const rows = await readBits(given, size);
  const weight = rows.weights.reduce((sum, w) => sum + w, 0);
  let before = Number.NEGATIVE_INFINITY;
  let shares = given.resume
    ? expectation(mixtureOf(given.resume.params), rows).shares
    : startShares(rows, options.components, given.key);
  const last = options.components === 1 ? 1 : options.rounds;
  for (let round = given.resume?.step ?? 0; round < last; round++) {
    const params = paramsOf(maximisation(rows, shares, options.smoothing));
    const found = expectation(mixtureOf(params), rows);
    const nats = found.nats.reduce((sum, each, n) => sum + rows.weights[n]! * each, 0) / weight;
    shares = found.shares;
    yield { params, metrics: { loss: -nats }, done: (round + 1) / last };
    if (nats - before < options.tolerance) return;
    before = nats;
  }
}

function maximisation(rows: BitRows, shares: readonly Float64Array[], smoothing: number): TreeMixture {
  const weighted = shares.map((share) => share.map((s, n) => s * rows.weights[n]!));
  const members = weighted.map((each) => each.reduce((sum, w) => sum + w, 0) + smoothing);
  const total = members.reduce((sum, n) => sum + n, 0);
  return {
    shares: Float64Array.from(members, (n) => n / total),
    trees: weighted.map((each) => fitTree(rows, each, smoothing)),
  };
}

/** Rows go mostly to the nearest of some rows drawn by the key; ties by a uniform. */
function startShares({ ones, size }: BitRows, components: number, key: Key): Float64Array[] {
  if (components === 1) return [new Float64Array(ones.length).fill(1)];
  const seeds = [...permutation(fold(key, "seeds"), ones.length).slice(0, components)];
  const bits = seeds.map((n) => {
    const own = new Uint8Array(size);
    for (const i of ones[n]!) own[i] = 1;
    return own;
  });
  const shares = Array.from({ length: components }, () => new Float64Array(ones.length).fill(0.2 / components));
  const ties = uniforms64(fold(key, "ties"), ones.length * components);
  for (const [n, row] of ones.entries()) {
    let [nearest, least] = [0, Number.POSITIVE_INFINITY];
    for (const [k, seed] of bits.entries()) {
      let common = 0;
      for (const i of row) common += seed[i]!;
      const distance = row.length + ones[seeds[k]!]!.length - 2 * common + 0.5 * ties[n * components + k]!;
      if (distance < least) [nearest, least] = [k, distance];
    }
    shares[nearest]![n]! += 0.8;
  }
  return shares;
}

/** A mixture as parameters: shares [K], parents [K, D] with −1 at roots, log-odds of one given the parent's bit [K, D, 2]. */
export function paramsOf({ shares, trees }: TreeMixture): Params {
  const [k, size] = [trees.length, trees[0]!.parents.length];
  const [parents, logOdds] = [new Float32Array(k * size), new Float32Array(2 * k * size)];
  trees.forEach((tree, i) => {
    parents.set(tree.parents, i * size);
    logOdds.set(
      tree.probabilities.map((p) => Math.log(p / (1 - p))),
      2 * i * size,
    );
  });
  return {
    shares: float32(shares, [k]),
    parents: float32(parents, [k, size]),
    logOdds: float32(logOdds, [k, size, 2]),
  };
}

/** The mixture of parameters; shares are scaled to sum to one in double precision. */
export function mixtureOf(params: Params): TreeMixture {
  const { shares, parents, logOdds } = params as unknown as Record<string, HostArray<"float32">>;
  const size = parents!.shape[1]!;
  const trees = Array.from(
    shares!.data,
    (_, k): BitTree => ({
      parents: Int32Array.from(parents!.data.subarray(k * size, (k + 1) * size)),
      probabilities: Float64Array.from(
        logOdds!.data.subarray(2 * k * size, 2 * (k + 1) * size),
        (odds) => 1 / (1 + Math.exp(-odds)),
      ),
    }),
  );
  const total = shares!.data.reduce((sum, share) => sum + share, 0);
  return { shares: Float64Array.from(shares!.data, (share) => share / total), trees };
}
