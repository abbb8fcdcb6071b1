import { Command, Option } from "commander";
import type { Reporter } from "./output/index.ts";

/** One option of a command. */
export interface OptionSpec {
  /** As commander writes it: `-n, --count <number>`. */
  readonly flags: string;
  readonly description: string;
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  /** May be given several times; values are collected. */
  readonly repeated?: boolean;
}

/** What a command is run with. */
export interface Invocation {
  readonly args: readonly (string | undefined)[];
  /** Option values under their camel-case names. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly out: Reporter;
  /** The words of the command line, for manifests. */
  readonly commandLine: readonly string[];
}

/** What a command results in: text for people, a document for --json; the exit code is 0 unless it says otherwise. */
export interface Result {
  readonly text: string;
  readonly json: unknown;
  readonly exitCode?: number;
}

/** A command: what help prints and what it does. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments: `<run>` or `[name]` with a description. */
  readonly arguments?: readonly (readonly [syntax: string, description: string])[];
  readonly options?: readonly OptionSpec[];
  /** One or more command lines that work. */
  readonly examples: readonly string[];
  readonly run?: (invocation: Invocation) => Promise<Result>;
  readonly subcommands?: readonly CommandSpec[];
}

const common: readonly OptionSpec[] = [
  { flags: "--json", description: "one JSON document on stdout, everything else on stderr" },
  { flags: "--quiet", description: "only warnings, errors and the result" },
];

/** How help tells the default: as the description says it in brackets at its end, once. */
const toldDefault = ({ description }: OptionSpec) => / \(([^()]+)\)$/.exec(description)?.[1];

function optionOf(spec: OptionSpec): Option {
  const option = new Option(
    spec.flags,
    spec.default === undefined ? spec.description : spec.description.replace(/ \([^()]+\)$/, ""),
  );
  if (spec.choices) option.choices([...spec.choices]);
  const parse = spec.parse ?? ((text: string) => text);
  if (spec.repeated)
    option.argParser((text: string, before: unknown[] | undefined) => [...(before ?? []), parse(text)]);
  else if (spec.parse) option.argParser(spec.parse);
  if (spec.default !== undefined) option.default(spec.default, toldDefault(spec));
  return option;
}

/** The commander command of a specification; `handle` is called when it is chosen. */
export function toCommander(spec: CommandSpec, handle: (spec: CommandSpec, args: unknown[]) => Promise<void>): Command {
  const command = new Command(spec.name).description(spec.summary);
  for (const [syntax, description] of spec.arguments ?? []) command.argument(syntax, description);
  for (const option of [...(spec.options ?? []), ...(spec.run ? common : [])]) command.addOption(optionOf(option));
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((example) => `  sampo ${example}`).join("\n")}`);
  command.allowExcessArguments(false).showSuggestionAfterError(true).configureHelp({ sortSubcommands: false });
  for (const sub of spec.subcommands ?? []) command.addCommand(toCommander(sub, handle));
  if (spec.run) command.action((...args) => handle(spec, args));
  return command;
}
