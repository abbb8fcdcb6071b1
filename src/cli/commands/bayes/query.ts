import { logProbability, type Network, posterior, variablesOf } from "../../../bayes/index.ts";
import { type JointTable, variableNamed } from "../../../probability/tables/index.ts";
import { key } from "../../../random/index.ts";
import { type Belonging, refuseStrays } from "../../belongs.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatCount, formatFigure, table } from "../../output/index.ts";
import { wholeNumber } from "../../parse.ts";
import { type Answer, methods, type Question } from "./methods.ts";
import { queryMixed } from "./mixed-run.ts";
import {
  describeEvidence,
  evidenceOf,
  evidenceOptions,
  fileArgument,
  formatProbability,
  inferenceOptionsOf,
  memoryOptions,
  namesOf,
  openMixed,
  openNetwork,
  readingOptions,
  targetOption,
} from "./question.ts";

/** `sampo bayes query`. */
export const queryCommand: CommandSpec = {
  name: "query",
  summary: "The probabilities of variables given what was observed.",
  arguments: [fileArgument],
  options: [
    { ...targetOption, description: "variables, separated by commas; all without it; repeatable" },
    ...evidenceOptions,
    { flags: "--joint", description: "the joint distribution of the targets, not that of each" },
    { flags: "--method <name>", description: "how", choices: Object.keys(methods), default: "exact" },
    {
      flags: "--samples <number>",
      description: "draws of weighting, sweeps of Gibbs (10000)",
      parse: wholeNumber(1),
    },
    { flags: "--burn-in <number>", description: "sweeps of Gibbs before those (500)", parse: wholeNumber(0) },
    { flags: "--thin <number>", description: "sweeps of Gibbs for each that is kept (1)", parse: wholeNumber(1) },
    { flags: "--seed <number>", description: "seed of the samplers (0)", parse: wholeNumber(0) },
    ...memoryOptions,
    ...readingOptions,
  ],
  examples: [
    "bayes query asia.bif --target lung,bronc --given smoke=yes,dysp=yes",
    "bayes query asia.bif --target lung,tub --joint --given xray=yes --json",
  ],
  run: query,
};

async function query(invocation: Invocation): Promise<Result> {
  refuseStrays(invocation.options, belongings, [`--method ${invocation.options.method}`]);
  const asked = namesOf(invocation.options.target);
  const mixed = invocation.options.joint === true ? undefined : openMixed(invocation);
  if (mixed)
    return queryMixed(
      {
        learnt: mixed.learnt,
        targets: [...new Set(asked)],
        evidence: evidenceOf(invocation),
        options: inferenceOptionsOf(invocation),
        method: invocation.options.method as string,
        sampling: samplingOf(invocation),
      },
      invocation,
    );
  const network = openNetwork(invocation);
  const targets = asked.length > 0 ? [...new Set(asked)] : variablesOf(network).map(({ name }) => name);
  const options = inferenceOptionsOf(invocation);
  const method = invocation.options.method as string;
  const question: Question = {
    network,
    targets,
    evidence: evidenceOf(invocation),
    options,
    sampling: samplingOf(invocation),
  };
  if (invocation.options.joint === true) return showJoint(question, invocation);
  const answer = methods[method]!(question);
  const byName = (values: ReadonlyMap<string, Float64Array>) =>
    Object.fromEntries([...values].map(([name, each]) => [name, byState(network, name, each)]));
  const { sampled, marginals: found } = answer;
  if (!sampled)
    return { text: `${heading(question)}${marginalTable(network, answer, invocation)}`, json: byName(found) };
  const { how, samples, effectiveSamples } = sampled;
  const errors = new Map([...sampled.marginals].map(([name, { standardErrors }]) => [name, standardErrors]));
  const note = `By ${how}: ${formatCount(samples)} samples, at least ${formatCount(Math.floor(effectiveSamples))} effective.`;
  const text = `${marginalTable(network, answer, invocation)}\n\n${note}`;
  return {
    text,
    json: { ...byName(found), $sampling: { method, how, samples, effectiveSamples, standardErrors: byName(errors) } },
  };
}

const exact = ["--method exact"];
const gibbs = ["--method gibbs"];
const samplers = ["--method weighting", ...gibbs];

/** What each option belongs to: samplers take no soft evidence and give no joint tables. */
const belongings: readonly Belonging[] = [
  { option: "--samples", to: samplers },
  { option: "--burn-in", to: gibbs },
  { option: "--thin", to: gibbs },
  { option: "--seed", to: samplers },
  { option: "--soft", to: exact },
  { option: "--joint", to: exact },
  { option: "--max-memory", to: exact },
];

/** How samplers go. */
function samplingOf({ options }: Invocation): Question["sampling"] {
  const { samples = 10_000, burnIn = 500, thin = 1, seed = 0 } = options as Record<string, number>;
  return { samples, burnIn, thin, key: key(seed) };
}

function byState(network: Network, name: string, values: Float64Array): Record<string, number> {
  const { states } = variableNamed(variablesOf(network), name);
  return Object.fromEntries(states.map((state, k) => [state, values[k]!]));
}

/** What was observed and how probable that is. */
function heading({ network, evidence, options }: Question): string {
  if (Object.keys(evidence).length === 0) return "";
  const log = logProbability(network, evidence, options);
  return `Given ${describeEvidence(evidence)} (probability ${formatProbability(Math.exp(log))}, ${formatFigure(log)} nats):\n\n`;
}

const right = (title: string) => ({ title, align: "right" as const });

function marginalTable(network: Network, answer: Answer, { out }: Invocation): string {
  const { sampled } = answer;
  const rows = [...answer.marginals].flatMap(([name, values]) =>
    variableNamed(variablesOf(network), name).states.map((state, k) => [
      k === 0 ? name : "",
      state,
      formatProbability(values[k]!),
      ...(sampled ? [`± ${Number(sampled.marginals.get(name)!.standardErrors[k]!.toPrecision(2))}`] : []),
    ]),
  );
  const columns = [{ title: "variable" }, { title: "state" }, right("probability")];
  return table(sampled ? [...columns, right("standard error")] : columns, rows, out.colours.bold);
}

function showJoint(question: Question, { out }: Invocation): Result {
  const { network, targets, evidence, options } = question;
  const joint = posterior(network, targets, evidence, options);
  const cells = cellsOf(joint);
  const columns = [...targets.map((title) => ({ title })), right("probability")];
  const rows = cells.map(({ states, probability }) => [...Object.values(states), formatProbability(probability)]);
  return { text: `${heading(question)}${table(columns, rows, out.colours.bold)}`, json: { joint: cells } };
}

/** The cells of a joint table with the names of their states. */
function cellsOf({ variables, values }: JointTable) {
  return Array.from(values, (probability, at) => {
    let rest = at;
    const states = [...variables].reverse().map(({ name, states }) => {
      const state = states[rest % states.length]!;
      rest = Math.floor(rest / states.length);
      return [name, state] as const;
    });
    return { states: Object.fromEntries(states.reverse()), probability };
  });
}
