import { SampoError } from "../../../base/errors.ts";
import { dagOf, junctionTree, markovBlanket, type Network, placesOf, variablesOf } from "../../../bayes/index.ts";
import {
  conditionalParameters,
  independentParameters,
  jointParameters,
  networkParameters,
} from "../../../probability/tables/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { formatBytes, table } from "../../output/index.ts";
import { fileArgument, formatProbability, openMixed, openNetwork, readingOptions } from "./question.ts";
import { showColumn, showRun } from "./show-run.ts";

/** `sampo bayes show`. */
export const showCommand: CommandSpec = {
  name: "show",
  summary: "What a network holds: variables, parents, parameters, what exact inference costs; one variable's table.",
  arguments: [fileArgument],
  options: [{ flags: "--variable <name>", description: "this variable's table and Markov blanket" }, ...readingOptions],
  examples: ["bayes show asia.bif", "bayes show asia.bif --variable dysp --json"],
  run: show,
};

async function show(invocation: Invocation): Promise<Result> {
  const name = invocation.options.variable as string | undefined;
  const mixed = openMixed(invocation);
  if (mixed) return name === undefined ? showRun(mixed, invocation) : showColumn(mixed, name, invocation);
  const network = openNetwork(invocation);
  return name === undefined ? showNetwork(network, invocation) : showVariable(network, name, invocation);
}

/** The cost of a junction tree, or why there is none. */
function exactCost(network: Network) {
  try {
    const { cliques, cost } = junctionTree(network);
    return { cliques: cliques.length, largest: cost.largest, bytes: 8 * cost.total };
  } catch (error) {
    if (!(error instanceof SampoError)) throw error;
    return { refused: error.message };
  }
}

function showNetwork(network: Network, { out }: Invocation): Result {
  const dag = dagOf(network);
  const variables = variablesOf(network);
  const nodes = network.nodes.map((node, i) => ({
    name: node.variable.name,
    states: node.variable.states,
    parents: node.parents,
    children: dag.children[i]!.map((child) => dag.names[child]!),
    parameters: conditionalParameters(node),
  }));
  const edges = nodes.reduce((sum, { parents }) => sum + parents.length, 0);
  const joint = jointParameters(variables);
  const parameters = {
    network: networkParameters(network.nodes),
    independent: independentParameters(variables),
    joint: joint <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(joint) : joint.toString(),
  };
  const exact = exactCost(network);
  const cost =
    "refused" in exact
      ? exact.refused
      : `Exact inference: ${exact.cliques} cliques, the largest of ${exact.largest} numbers, ${formatBytes(exact.bytes)} in all.`;
  const rows = nodes.map((node) => [node.name, node.states.join(", "), node.parents.join(", "), `${node.parameters}`]);
  const columns = [
    ...["variable", "states", "parents"].map((title) => ({ title })),
    { title: "parameters", align: "right" as const },
  ];
  const text = [
    `${out.colours.bold(network.name)}: ${nodes.length} variables, ${edges} edges, ${parameters.network} parameters`,
    `(${parameters.independent} if all were independent, ${parameters.joint} for a full joint table).`,
    cost,
    "",
    table(columns, rows, out.colours.bold),
  ].join("\n");
  return { text, json: { name: network.name, edges, parameters, exact, variables: nodes } };
}

function showVariable(network: Network, name: string, { out }: Invocation): Result {
  const dag = dagOf(network);
  const [place] = placesOf(dag, [name]);
  const { variable, parents, table: values } = network.nodes[place!]!;
  const given = parents.map((parent) => variablesOf(network)[placesOf(dag, [parent])[0]!]!);
  const width = variable.states.length;
  const rows = Array.from({ length: values.length / width }, (_, row) => {
    let rest = row;
    const states = [...given].reverse().map(({ name, states }) => {
      const state = states[rest % states.length]!;
      rest = Math.floor(rest / states.length);
      return [name, state] as const;
    });
    return {
      given: Object.fromEntries(states.reverse()),
      probabilities: [...values.subarray(row * width, (row + 1) * width)],
    };
  });
  const blanket = markovBlanket(dag, place!).map((i) => dag.names[i]!);
  const columns = [
    ...parents.map((title) => ({ title })),
    ...variable.states.map((title) => ({ title, align: "right" as const })),
  ];
  const cells = rows.map(({ given, probabilities }) => [
    ...Object.values(given),
    ...probabilities.map(formatProbability),
  ]);
  const text = [
    `${out.colours.bold(name)}${parents.length > 0 ? ` given ${parents.join(", ")}` : ""}`,
    `Markov blanket: ${blanket.join(", ") || "nothing"}`,
    "",
    table(columns, cells, out.colours.bold),
  ].join("\n");
  return { text, json: { name, states: variable.states, parents, markovBlanket: blanket, table: rows } };
}
