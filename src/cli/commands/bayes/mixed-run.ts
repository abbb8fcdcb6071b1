import { UsageError } from "../../../base/errors.ts";
import { unknownName } from "../../../base/suggest.ts";
import { askMixed, forwardWeighting, type InferenceOptions, type RealMarginal } from "../../../bayes/index.ts";
import type { Column } from "../../../data/table/types.ts";
import { forwardOf, type Learnt, mixedOf } from "../../../models/bayesian-network/conditionals.ts";
import { type Asked, asked } from "../../../models/bayesian-network/inference.ts";
import { type Evidence, uniforms64 } from "../../../probability/tables/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import type { Invocation, Result } from "../../command.ts";
import { formatCount, formatFigure, table } from "../../output/index.ts";
import { describeEvidence, formatProbability } from "./question.ts";

/** What is asked of a run with columns without levels. */
interface MixedQuestion {
  readonly learnt: Learnt;
  readonly targets: readonly string[];
  readonly evidence: Evidence;
  readonly options: InferenceOptions;
  readonly method: string;
  readonly sampling: { readonly samples: number; readonly key: Key };
}

/** Posteriors of columns of any kind: probabilities of states; means and deviations of numbers. */
interface MixedAnswer {
  readonly logProbability: number;
  readonly states: ReadonlyMap<string, Float64Array>;
  readonly numbers: ReadonlyMap<string, RealMarginal>;
  /** How it was estimated; nothing where it is exact. */
  readonly how?: string;
}

/** The value of a column that a command line gives: the place of a state, or a number. */
function observedValue(columns: readonly Column[], name: string, text: string): number {
  const column = columns.find((each) => each.name === name);
  if (!column) throw new UsageError(unknownColumn(columns, name));
  const { levels, kind } = column;
  const value = levels ? levels.indexOf(text) : Number(text);
  if (levels && value < 0) throw new UsageError(unknownName(`state of ${name}`, text, levels));
  if (!Number.isFinite(value)) throw new UsageError(`"${name}" is ${kind}: give its value as a number, not "${text}".`);
  if (kind === "count" && !(Number.isSafeInteger(value) && value >= 0))
    throw new UsageError(`"${name}" is a count, a whole number from 0 on; got ${text}.`);
  return value;
}

const unknownColumn = (columns: readonly Column[], name: string) =>
  unknownName(
    "column",
    name,
    columns.map((column) => column.name),
  );

/** Asks a run with columns without levels for posteriors. */
export function queryMixed(question: MixedQuestion, { out }: Invocation): Result {
  const { learnt, evidence, method } = question;
  const { columns } = learnt;
  const wanted = question.targets.length > 0 ? question.targets : columns.map(({ name }) => name);
  const chosen = wanted.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column) return column;
    throw new UsageError(unknownColumn(columns, name));
  });
  const answer = method === "exact" ? exactly(question) : byWeighting(question);
  const found = chosen.map(({ name, levels }) => {
    const [shares, number] = [answer.states.get(name), answer.numbers.get(name)];
    return { name, levels, shares, number };
  });
  const rows = found.flatMap(({ name, levels, shares, number }) =>
    shares
      ? levels!.map((state, k) => [k === 0 ? name : "", state, formatProbability(shares[k]!), ""])
      : [[name, "", formatProbability(number!.mean), formatProbability(number!.deviation)]],
  );
  const right = (title: string) => ({ title, align: "right" as const });
  const titles = [{ title: "variable" }, { title: "state" }, right("probability or mean"), right("deviation")];
  const given =
    Object.keys(evidence).length > 0
      ? `Given ${describeEvidence(evidence)} (log density ${formatFigure(answer.logProbability)} nats):\n\n`
      : "";
  const note = answer.how === undefined ? "" : `\n\nBy ${answer.how}.`;
  const values = found.map(({ name, levels, shares, number }) => [
    name,
    shares ? Object.fromEntries(levels!.map((state, k) => [state, shares[k]!])) : number,
  ]);
  return {
    text: `${given}${table(titles, rows, out.colours.bold)}${note}`,
    json: { ...Object.fromEntries(values), ...(answer.how ? { $sampling: { method, how: answer.how } } : {}) },
  };
}

/** The posterior in closed form; where it hangs on too many combinations of states, by weighted draws, as it then says. */
function exactly({ learnt, evidence, options, sampling }: MixedQuestion): MixedAnswer {
  const mixed = mixedOf(learnt);
  if (!mixed)
    throw new UsageError(
      "Some of this run's columns are given by networks, whose posteriors have no closed form: take --method weighting.",
    );
  const [states, values]: [Record<string, string>, Record<string, number>] = [{}, {}];
  for (const [name, text] of Object.entries(evidence)) {
    const value = observedValue(learnt.columns, name, text);
    if (learnt.columns.find((column) => column.name === name)!.levels) states[name] = text;
    else values[name] = value;
  }
  const { logProbability, discrete, real, counts, how } = askMixed(mixed, { states, values }, { ...options, sampling });
  const estimated = how === "exact" ? {} : { how };
  return { logProbability, states: discrete, numbers: new Map([...real, ...counts]), ...estimated };
}

/** The posterior by weighted draws, whatever columns are given by. */
function byWeighting({ learnt, evidence, method, sampling }: MixedQuestion): MixedAnswer {
  if (method !== "weighting")
    throw new UsageError(`--method ${method} is for networks of tables; this run takes exact or weighting.`);
  const { columns } = learnt;
  const seen = Object.fromEntries(
    Object.entries(evidence).map(([name, text]) => [name, observedValue(columns, name, text)]),
  );
  const drawn = forwardWeighting(forwardOf(learnt), seen, sampling);
  const states = new Map<string, Float64Array>();
  const numbers = new Map<string, RealMarginal>();
  for (const { name, levels } of columns) {
    const values = drawn.values.get(name)!;
    if (!levels) numbers.set(name, momentsOf(values, drawn.weights));
    else {
      const shares = new Float64Array(levels.length);
      values.forEach((state, i) => {
        shares[state]! += drawn.weights[i]!;
      });
      states.set(name, shares);
    }
  }
  const effective = formatCount(Math.floor(drawn.effectiveSamples));
  const how = `likelihood weighting: ${formatCount(sampling.samples)} samples, ${effective} effective`;
  return { logProbability: drawn.logProbability, states, numbers, how };
}

function momentsOf(values: Float64Array, weights: Float64Array): RealMarginal {
  const mean = values.reduce((sum, x, i) => sum + weights[i]! * x, 0);
  const variance = values.reduce((sum, x, i) => sum + weights[i]! * (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(variance) };
}

/** Weighted draws from which each row given evidence is taken where there is no exact way. */
const DRAWS = 2000;

/** Rows [count, columns] drawn from a run given evidence: exactly where that is possible. */
export function drawMixed(learnt: Learnt, evidence: Evidence, key: Key, count: number) {
  const { columns } = learnt;
  const width = columns.length;
  const row = new Float64Array(width).fill(Number.NaN);
  for (const [name, text] of Object.entries(evidence)) {
    const value = observedValue(columns, name, text);
    row[columns.findIndex((column) => column.name === name)] = value;
  }
  const cells = new Float64Array(count * width);
  if (Object.keys(evidence).length === 0) {
    const { values } = forwardWeighting(forwardOf(learnt), {}, { samples: count, key });
    columns.forEach(({ name }, v) => {
      values.get(name)!.forEach((value, n) => {
        cells[n * width + v] = value;
      });
    });
    return { columns, cells, how: undefined };
  }
  const answers: Asked = asked(learnt, DRAWS);
  const uniforms = uniforms64(key, (width + 1) * count);
  for (let n = 0; n < count; n++) {
    const own = uniforms.subarray(n * (width + 1), (n + 1) * (width + 1));
    cells.set(Float64Array.from(answers.draw(row, own, fold(key, n))), n * width);
  }
  return { columns, cells, how: answers.exact ? undefined : answers.how };
}
