import { UsageError } from "../../../base/errors.ts";
import { type Explanation, marginalMap, mpe } from "../../../bayes/index.ts";
import type { Evidence } from "../../../probability/tables/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatFigure, table } from "../../output/index.ts";
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

const options = [...evidenceOptions, ...memoryOptions, ...readingOptions];

/** `sampo bayes mpe`. */
export const mpeCommand: CommandSpec = {
  name: "mpe",
  summary: "The most probable states of all variables together, given what was observed.",
  arguments: [fileArgument],
  options,
  examples: ["bayes mpe asia.bif --given xray=yes,dysp=yes"],
  run: async (invocation) => {
    const [network, evidence] = [openNetwork(invocation), evidenceOf(invocation)];
    return show(mpe(network, evidence, inferenceOptionsOf(invocation)), evidence, invocation);
  },
};

/** `sampo bayes map`. */
export const mapCommand: CommandSpec = {
  name: "map",
  summary: "The most probable states of some variables together, the others summed out.",
  arguments: [fileArgument],
  options: [targetOption, ...options],
  examples: ["bayes map asia.bif --target lung,tub,bronc --given xray=yes"],
  run: async (invocation) => {
    const [network, evidence] = [openNetwork(invocation), evidenceOf(invocation)];
    const targets = [...new Set(namesOf(invocation.options.target))];
    if (targets.length === 0)
      throw new UsageError("Say which variables: --target A,B; sampo bayes mpe explains all of them.");
    return show(marginalMap(network, targets, evidence, inferenceOptionsOf(invocation)), evidence, invocation);
  },
};

function show({ states, logJoint, logPosterior }: Explanation, evidence: Evidence, { out }: Invocation): Result {
  const probability = Math.exp(logPosterior);
  const rows = Object.entries(states).map(([name, state]) => [
    name,
    state,
    Object.hasOwn(evidence, name) ? "observed" : "",
  ]);
  const given = Object.keys(evidence).length > 0 ? `given ${describeEvidence(evidence)} ` : "";
  const figures = `probability ${formatProbability(probability)}, ${formatFigure(logPosterior)} nats`;
  const text = `Most probable ${given}(${figures}):\n\n${table(
    [{ title: "variable" }, { title: "state" }, { title: "" }],
    rows,
    out.colours.bold,
  )}`;
  return { text, json: { states, probability, logPosterior, logJoint } };
}
