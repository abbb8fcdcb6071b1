import { logProbability, type Network, posterior, variablesOf } from "../../../bayes/index.ts";
import { type JointTable, variableNamed } from "../../../probability/tables/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatFigure, table } from "../../output/index.ts";
import { type Answer, methods, type Question } from "./methods.ts";
import {
  describeEvidence,
  evidenceOf,
  evidenceOptions,
  fileArgument,
  formatProbability,
  inferenceOptionsOf,
  memoryOptions,
  namesOf,
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
  const network = openNetwork(invocation);
  const asked = namesOf(invocation.options.target);
  const targets = asked.length > 0 ? [...new Set(asked)] : variablesOf(network).map(({ name }) => name);
  const options = inferenceOptionsOf(invocation);
  const question: Question = { network, targets, evidence: evidenceOf(invocation), options };
  if (invocation.options.joint === true) return showJoint(question, invocation);
  const answer = methods[invocation.options.method as string]!(question);
  const json = Object.fromEntries([...answer].map(([name, values]) => [name, byState(network, name, values)]));
  return { text: `${heading(question)}${marginalTable(network, answer, invocation)}`, json };
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
  const rows = [...answer].flatMap(([name, values]) =>
    variableNamed(variablesOf(network), name).states.map((state, k) => [
      k === 0 ? name : "",
      state,
      formatProbability(values[k]!),
    ]),
  );
  return table([{ title: "variable" }, { title: "state" }, right("probability")], rows, out.colours.bold);
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
