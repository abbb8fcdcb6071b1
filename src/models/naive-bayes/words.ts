import { UsageError } from "../../base/errors.ts";
import { HostArray, zeros } from "../../base/host.ts";
import { logFactorial } from "../../numeric/special/index.ts";
import { countLaw } from "../../probability/univariate/count.ts";
import { fold, type Key, uniform } from "../../random/index.ts";
import type { Params, Sums } from "../contract.ts";
import { type Conditional, type Family, type Inputs, nothingIn } from "./family.ts";
import { inverseCdf } from "./laws.ts";
import type { NaiveBayesConfig } from "./options.ts";

/** θ[y, i]: share of column i among the counts of class y; the mean and dispersion of the number counted in a row. */
interface WordParams {
  readonly shares: HostArray<"float64">;
  readonly length: HostArray<"float64">;
}

/** The sums both families need: what each column amounts to in each class, where it is known, and the totals of whole rows. */
function summing({ columns, inputs, classes }: Inputs, name: string) {
  const odd = inputs.map((i) => columns[i]!).find(({ levels }) => levels);
  if (odd)
    throw new UsageError(
      `naive-bayes with likelihood=${name} models counts, and "${odd.name}" is ${odd.kind}: say --columns "${odd.name}:count", drop it with --drop, or leave likelihood at auto.`,
    );
  const width = inputs.length;
  const add = ({ amounts, known, lengths }: Sums) => {
    return (x: Float64Array, at: number, y: number) => {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const value = x[at + inputs[i]!]!;
        sum += value;
        if (Number.isNaN(value)) continue;
        if (value < 0)
          throw new UsageError(
            `naive-bayes with likelihood=${name} models counts, and "${columns[inputs[i]!]!.name}" is ${value} in a row: counts are not negative.`,
          );
        amounts![y * width + i]! += value;
        known![y * width + i]!++;
      }
      if (Number.isNaN(sum)) return;
      lengths![0]!++;
      lengths![1]! += sum;
      lengths![2]! += sum * sum;
    };
  };
  return {
    zeros: () => ({
      amounts: new Float64Array(classes * width),
      known: new Float64Array(classes * width),
      lengths: new Float64Array(3),
    }),
    adder: add,
    /** Amounts by class and column; where cells were missing, those of the known ones scaled up to all rows of the class. */
    amounts: ({ amounts, known }: Sums, classCounts: Float64Array) => {
      const empty = inputs.findIndex((_, i) => classCounts.every((__, y) => known![y * width + i] === 0));
      if (empty >= 0) throw new UsageError(nothingIn(columns[inputs[empty]!]!));
      return amounts!.map((amount, i) => {
        const rows = classCounts[Math.floor(i / width)]!;
        return known![i]! > 0 ? (amount * rows) / known![i]! : 0;
      });
    },
  };
}

/**
 * Multinomial naive Bayes: what a row counts in all is drawn from one negative binomial for all classes, and falls on the
 * columns by θ[y, i] = (N[y, i] + α)/(N[y] + α D). The class posterior of whole rows is that of the multinomial; known
 * columns of a row with gaps are a negative multinomial with the shares they have together, so gaps drop out exactly.
 */
export function multinomialFamily(given: Inputs, config: NaiveBayesConfig): Family {
  const { columns, inputs, classes } = given;
  const width = inputs.length;
  const sums = summing(given, "multinomial");
  const real = inputs.map((i) => columns[i]!).find(({ kind }) => kind !== "count");
  return {
    ...(real ? { classifiesOnly: `a multinomial is no law of "${real.name}", which is ${real.kind}` } : {}),
    form: () => ({ shares: zeros("float64", [classes, width]), length: zeros("float64", [2]) }),
    zeros: sums.zeros,
    adder: sums.adder,
    solve: (all, classCounts) => {
      const amounts = sums.amounts(all, classCounts);
      const shares = new Float64Array(classes * width);
      for (let y = 0; y < classes; y++) {
        const own = amounts.subarray(y * width, (y + 1) * width).map((amount) => amount + config.alpha);
        const sum = own.reduce((a, b) => a + b, 0);
        shares.set(
          own.map((amount) => (sum > 0 ? amount / sum : 1 / width)),
          y * width,
        );
      }
      const length = new HostArray("float64", [2], lengthLaw(all.lengths!, amounts, classCounts));
      return { shares: new HostArray("float64", [classes, width], shares), length };
    },
    open: (params) => openMultinomial(given, params as unknown as WordParams, real === undefined),
  };
}

/** Mean and dispersion of the totals of rows, by moments; where no row is whole, the mean of what there is. */
function lengthLaw([n, sum, squares]: Float64Array, amounts: Float64Array, classCounts: Float64Array): Float64Array {
  const rows = classCounts.reduce((a, b) => a + b, 0);
  const mean = Math.max(n! > 0 ? sum! / n! : amounts.reduce((a, b) => a + b, 0) / rows, 0.5 / rows);
  const variance = n! > 0 ? squares! / n! - mean * mean : mean;
  return Float64Array.of(mean, Math.max(0, (variance - mean) / (mean * mean)));
}

function openMultinomial(
  { columns, inputs, classes }: Inputs,
  { shares, length }: WordParams,
  whole: boolean,
): Conditional {
  const width = inputs.length;
  const [mean, dispersion] = length.data as unknown as [number, number];
  const theta = shares.data;
  const logs = theta.map(Math.log);
  const rate = (x: Float64Array, at: number, scores: Float64Array) => {
    let [count, factorials, gaps] = [0, 0, false];
    for (let i = 0; i < width; i++) {
      const value = x[at + inputs[i]!]!;
      if (Number.isNaN(value)) gaps = true;
      else if (value > 0) {
        count += value;
        if (whole) factorials += logFactorial(value);
        for (let y = 0; y < classes; y++) scores[y]! += value * logs[y * width + i]!;
      }
    }
    if (!whole) return gaps ? correct(x, at, scores, count) : undefined;
    for (let y = 0; y < classes; y++) {
      const known = gaps ? knownShare(x, at, y) : 1;
      if (known === 0) continue;
      const total = countLaw(mean * known, dispersion).logProb(count);
      scores[y]! += total + logFactorial(count) - factorials - count * Math.log(known);
    }
  };
  const knownShare = (x: Float64Array, at: number, y: number) => {
    let known = 0;
    for (let i = 0; i < width; i++) if (!Number.isNaN(x[at + inputs[i]!])) known += theta[y * width + i]!;
    return Math.min(1, known);
  };
  /** Weights that are no counts: only the shares among the known columns are compared. */
  const correct = (x: Float64Array, at: number, scores: Float64Array, count: number) => {
    for (let y = 0; y < classes; y++) if (count > 0) scores[y]! -= count * Math.log(knownShare(x, at, y));
  };
  return {
    rate,
    fill: (x: Float64Array, chosen: Int32Array, key: Key) => {
      for (let n = 0, at = 0; n < chosen.length; n++, at += columns.length) {
        const missing = inputs.map((_, i) => i).filter((i) => Number.isNaN(x[at + inputs[i]!]));
        const y = chosen[n]!;
        if (missing.length === 0 || y < 0) continue;
        let seen = 0;
        for (const i of inputs) if (!Number.isNaN(x[at + i])) seen += x[at + i]!;
        const open = Float64Array.from(missing, (i) => theta[y * width + i]!);
        const left = open.reduce((a, b) => a + b, 0);
        const random = fold(key, n);
        const [u] = uniform(fold(random, "length"), [1]).data;
        const count = left > 0 ? restLaw(mean, dispersion, left, seen).inverseCdf(u!) : 0;
        const places = uniform(fold(random, "places"), [count]).data;
        const scaled = open.map((share) => share / left);
        for (const i of missing) x[at + inputs[i]!] = 0;
        for (const place of places) x[at + inputs[missing[inverseCdf(scaled, place)]!]!]!++;
      }
    },
  };
}

/**
 * The law of what the missing columns count in all, given that the others count `seen`: the row's rate is Gamma(r, r/μ), and
 * Gamma(r + seen, r/μ + 1 − s) once they are known, s the share of the missing columns.
 */
function restLaw(mean: number, dispersion: number, left: number, seen: number) {
  if (dispersion < 1e-9) return countLaw(mean * left, 0);
  const r = 1 / dispersion;
  const expected = (left * (r + seen)) / (r / mean + 1 - left);
  return countLaw(expected, 1 / (r + seen));
}

/**
 * Complement naive Bayes (Rennie, Shih, Teevan & Karger 2003): a row is scored against the shares of all other classes,
 * weights −log((N[¬y, i] + α)/(N[¬y] + α D)), the class with the poorest match wins. That is no density of the columns.
 */
export function complementFamily(given: Inputs, config: NaiveBayesConfig): Family {
  const { inputs, classes } = given;
  const width = inputs.length;
  const sums = summing(given, "complement");
  return {
    priorless: true,
    classifiesOnly: "complement naive Bayes scores a row against the other classes and has no density",
    form: () => ({ weights: zeros("float64", [classes, width]) }),
    zeros: sums.zeros,
    adder: sums.adder,
    solve: (all, classCounts) => {
      const amounts = sums.amounts(all, classCounts);
      const weights = new Float64Array(classes * width);
      for (let y = 0; y < classes; y++) {
        const others = Float64Array.from({ length: width }, (_, i) => {
          let sum = config.alpha;
          for (let other = 0; other < classes; other++) if (other !== y) sum += amounts[other * width + i]!;
          return Math.max(sum, 1e-10);
        });
        const total = others.reduce((a, b) => a + b, 0);
        const logs = others.map((amount) => Math.log(amount / total));
        const norm = config.norm ? -logs.reduce((a, b) => a + b, 0) : 1;
        weights.set(
          logs.map((log) => -log / norm),
          y * width,
        );
      }
      return { weights: new HostArray("float64", [classes, width], weights) };
    },
    open: (params: Params) => {
      const { weights } = params as unknown as { readonly weights: HostArray<"float64"> };
      return {
        rate: (x, at, scores) => {
          for (let i = 0; i < width; i++) {
            const value = x[at + inputs[i]!]!;
            if (value > 0) for (let y = 0; y < classes; y++) scores[y]! += value * weights.data[y * width + i]!;
          }
        },
      };
    },
  };
}
