import { UsageError } from "../../base/errors.ts";
import type { Variable } from "../../probability/tables/index.ts";
import type { Network, Node } from "../network.ts";
import { normaliseRows } from "./rows.ts";

/**
 * Writes a network in the Interchange Format: what readBif gives back unchanged, every number in the shortest form that
 * reads as the same double, properties as they were. Tables are written as rows, comments are not kept.
 */
export function writeBif(network: Network): string {
  const byName = new Map(network.nodes.map(({ variable }) => [variable.name, variable]));
  const blocks = [
    block(`network ${word(network.name)}`, properties(network.properties)),
    ...network.nodes.map(variableBlock),
    ...network.nodes.map((node) => tableBlock(node, byName)),
  ];
  return `${blocks.join("\n")}\n`;
}

function block(head: string, lines: readonly string[]): string {
  return [`${head} {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");
}

function properties(texts: readonly string[] = []): string[] {
  return texts.map((text) => {
    const quotes = text.split('"').length - 1;
    if (quotes % 2 === 1 || text.replace(/"[^"]*"/g, "").includes(";"))
      throw new UsageError(
        `The property ${text} has a semicolon outside quotes or a quote without end; BIF cannot say it.`,
      );
    return text === "" ? "property ;" : `property ${text} ;`;
  });
}

/** A name as a word, or in quotes where it holds spaces or marks. */
function word(name: string): string {
  if (name.includes('"') || name === "")
    throw new UsageError(`BIF has no way to write the name ${JSON.stringify(name)}; rename it.`);
  return /^[^\s{}()[\]|,;"/]+$/.test(name) ? name : `"${name}"`;
}

function variableBlock({ variable, properties: kept }: Node): string {
  const states = variable.states.map(word).join(", ");
  const type = `type discrete [ ${variable.states.length} ] { ${states} };`;
  return block(`variable ${word(variable.name)}`, [type, ...properties(kept?.variable)]);
}

function tableBlock(node: Node, byName: ReadonlyMap<string, Variable>): string {
  const { variable, parents, properties: kept } = node;
  const given = parents.length > 0 ? ` | ${parents.map(word).join(", ")}` : "";
  const lines = rows(
    node,
    parents.map((name) => byName.get(name)!),
  );
  return block(`probability ( ${word(variable.name)}${given} )`, [...lines, ...properties(kept?.table)]);
}

function rows(node: Node, parents: readonly Variable[]): string[] {
  const width = node.variable.states.length;
  const numbers = numbersToWrite(node);
  const text = (row: number) => Array.from(numbers.subarray(row * width, (row + 1) * width), String).join(", ");
  if (parents.length === 0) return [`table ${text(0)};`];
  const lines: string[] = [];
  const at = parents.map(() => 0);
  for (let row = 0; row < numbers.length / width; row++) {
    lines.push(`(${at.map((state, i) => word(parents[i]!.states[state]!)).join(", ")}) ${text(row)};`);
    for (let i = at.length - 1; i >= 0 && ++at[i]! === parents[i]!.states.length; i--) at[i] = 0;
  }
  return lines;
}

/** The numbers as they were read, if they still are those of the table. */
function numbersToWrite({ variable, table, written }: Node): Float64Array {
  if (!written || written.length !== table.length) return table;
  const again = normaliseRows(written, variable.states.length).table;
  return again.every((value, i) => value === table[i]) ? written : table;
}
