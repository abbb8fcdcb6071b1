import { nearest } from "../../base/suggest.ts";
import type { Lexer, Token } from "./lexer.ts";

/** What a `variable` block says. */
export interface VariableBlock {
  readonly name: string;
  readonly states: readonly string[];
  readonly properties: readonly string[];
  readonly line: number;
}

/** A statement with numbers in a `probability` block: the whole table, one row of it, or what other rows hold. */
export interface Entry {
  readonly kind: "table" | "row" | "default";
  /** The parents' states of a row. */
  readonly states: readonly string[];
  readonly numbers: Float64Array;
  readonly line: number;
}

/** What a `probability` block says. */
export interface TableBlock {
  readonly child: string;
  readonly parents: readonly string[];
  readonly entries: readonly Entry[];
  readonly properties: readonly string[];
  readonly line: number;
}

/** A BIF file as it is written, before names are looked up. */
export interface Document {
  readonly name: string;
  readonly properties: readonly string[];
  readonly variables: readonly VariableBlock[];
  readonly tables: readonly TableBlock[];
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const show = ({ kind, text }: Token) => (kind === "end" ? "the end of the file" : `"${text}"`);

/** Parses the blocks of a BIF text: `network`, `variable` and `probability`, in any order. */
export function parseBlocks(lexer: Lexer): Document {
  const variables: VariableBlock[] = [];
  const tables: TableBlock[] = [];
  let network: { name: string; properties: string[] } | undefined;
  for (let token = lexer.next(); token.kind !== "end"; token = lexer.next()) {
    if (token.text === "network" && network) throw lexer.error("a second network block; a file holds one.", token.line);
    if (token.text === "network") network = parseNetwork(lexer);
    else if (token.text === "variable") variables.push(parseVariable(lexer, token.line));
    else if (token.text === "probability") tables.push(parseTable(lexer, token.line));
    else {
      const near = nearest(token.text, ["network", "variable", "probability"]);
      const guess = near === undefined ? "" : `; did you mean "${near}"?`;
      throw lexer.error(
        `expected a network, variable or probability block, got ${show(token)}${guess || "."}`,
        token.line,
      );
    }
  }
  if (variables.length === 0) throw lexer.error("the file holds no variables; is it a whole BIF file?");
  return { ...(network ?? { name: "unknown", properties: [] }), variables, tables };
}

/** Takes a mark or throws. */
function take(lexer: Lexer, mark: string, where: string): void {
  const token = lexer.next();
  if (token.kind !== "mark" || token.text !== mark)
    throw lexer.error(`expected "${mark}" ${where}, got ${show(token)}.`, token.line);
}

/** Whether the next token is this mark, which is then taken. */
function taken(lexer: Lexer, mark: string): boolean {
  const token = lexer.peek();
  const found = token.kind === "mark" && token.text === mark;
  if (found) lexer.next();
  return found;
}

function takeName(lexer: Lexer, what: string): string {
  const token = lexer.next();
  if (token.kind === "mark" || token.kind === "end" || token.text === "")
    throw lexer.error(`expected the name of ${what}, got ${show(token)}.`, token.line);
  return token.text;
}

/** Names up to a mark, which is taken; commas between them may be left out. */
function takeNames(lexer: Lexer, end: string, what: string): string[] {
  const names: string[] = [];
  while (!taken(lexer, end)) {
    names.push(takeName(lexer, what));
    taken(lexer, ",");
  }
  return names;
}

/** Statements of a block up to its closing brace; each begins with a word that `statement` knows. */
function parseBody(lexer: Lexer, what: string, line: number, statement: (first: Token) => boolean): string[] {
  const properties: string[] = [];
  take(lexer, "{", `to open ${what}`);
  while (!taken(lexer, "}")) {
    const first = lexer.next();
    if (first.kind === "end")
      throw lexer.error(`the file ends within ${what}, begun in line ${line}; it is truncated or a "}" is missing.`);
    if (first.kind === "word" && first.text === "property")
      properties.push(lexer.rawStatement(`a property of ${what}`));
    else if (!statement(first)) throw lexer.error(`unexpected ${show(first)} in ${what}.`, first.line);
  }
  return properties;
}

function parseNetwork(lexer: Lexer): { name: string; properties: string[] } {
  const { line, kind } = lexer.peek();
  const name = kind === "mark" ? "unknown" : takeName(lexer, "the network");
  return { name, properties: parseBody(lexer, "the network block", line, () => false) };
}

function parseVariable(lexer: Lexer, line: number): VariableBlock {
  const name = takeName(lexer, "a variable");
  let states: string[] | undefined;
  const properties = parseBody(lexer, `variable "${name}"`, line, (first) => {
    if (first.text !== "type") return false;
    if (states) throw lexer.error(`variable "${name}" has two types; keep one.`, first.line);
    states = parseStates(lexer, name);
    return true;
  });
  if (!states) throw lexer.error(`variable "${name}" has no type; say type discrete [ 2 ] { yes, no };`, line);
  return { name, states, properties, line };
}

function parseStates(lexer: Lexer, name: string): string[] {
  const kind = lexer.next();
  if (kind.text !== "discrete")
    throw lexer.error(`variable "${name}" is of type ${show(kind)}; only discrete variables can be read.`, kind.line);
  take(lexer, "[", `before the number of states of "${name}"`);
  const count = lexer.next();
  take(lexer, "]", `after the number of states of "${name}"`);
  take(lexer, "{", `before the states of "${name}"`);
  const states = takeNames(lexer, "}", `a state of "${name}"`);
  take(lexer, ";", `after the states of "${name}"`);
  if (count.text !== String(states.length))
    throw lexer.error(`variable "${name}" announces ${show(count)} states and lists ${states.length}.`, count.line);
  return states;
}

function parseTable(lexer: Lexer, line: number): TableBlock {
  take(lexer, "(", "after probability");
  const child = takeName(lexer, "a variable");
  taken(lexer, "|");
  taken(lexer, ",");
  const parents = takeNames(lexer, ")", `a parent of "${child}"`);
  const entries: Entry[] = [];
  const what = `the table of "${child}"`;
  const properties = parseBody(lexer, what, line, (first) => {
    const row = first.kind === "mark" && first.text === "(";
    const whole = first.kind === "word" && (first.text === "table" || first.text === "default");
    if (!row && !whole) return false;
    const states = row ? takeNames(lexer, ")", `a state of a parent of "${child}"`) : [];
    const kind = row ? "row" : (first.text as "table" | "default");
    entries.push({ kind, states, numbers: parseNumbers(lexer, what), line: first.line });
    return true;
  });
  return { child, parents, entries, properties, line };
}

/** Numbers up to a semicolon; commas between them may be left out. */
function parseNumbers(lexer: Lexer, what: string): Float64Array {
  const numbers: number[] = [];
  while (!taken(lexer, ";")) {
    const token = lexer.next();
    if (token.kind === "end") throw lexer.error(`the file ends within ${what}; it is truncated.`, token.line);
    const value = Number(token.text);
    if (token.kind !== "word" || !NUMBER.test(token.text) || !(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw lexer.error(`expected a probability in ${what}, got ${show(token)}.`, token.line);
    numbers.push(value);
    taken(lexer, ",");
  }
  return Float64Array.from(numbers);
}
