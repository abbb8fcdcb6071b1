import { Command, CommanderError } from "commander";
import { describeVersions } from "../artifacts/environment.node.ts";
import { SampoError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { registry } from "../models/registry.ts";
import { type CommandSpec, toCommander } from "./command.ts";
import { commands } from "./commands/index.ts";
import { createReporter, type Sink } from "./output/index.ts";

/** Where a command line reads and writes; tests pass their own. */
export interface Streams {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** The exit code and sentence of anything thrown. */
function describe(error: unknown): { message: string; exitCode: number } {
  if (error instanceof SampoError) return { message: error.message, exitCode: error.exitCode };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    message: `Unexpected: ${text}\nThis is a fault of Sampo; please report it with the command line.`,
    exitCode: 1,
  };
}

/** Where somebody writes an option of a model as one of train: how it is set. */
function modelOptionHint(error: CommanderError, argv: readonly string[]): string {
  if (error.code !== "commander.unknownOption" || argv[0] !== "train") return "";
  const word = error.message.match(/'--([^'=]+)/)?.[1]?.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const names = registry.flatMap(({ options }) => Object.keys(options.shape));
  const near = word === undefined ? undefined : nearest(word, names);
  return near === undefined ? "" : `; options of the model are set with --set ${near}=…`;
}

/** Runs a command line and returns its exit code: 0 done, 1 failed, 2 wrong usage. */
export async function run(argv: readonly string[], streams: Streams = process): Promise<number> {
  const json = argv.includes("--json");
  const out = createReporter({ json, quiet: argv.includes("--quiet"), ...streams });
  let exitCode = 0;
  const handle = async (spec: CommandSpec, args: unknown[]) => {
    const command = args.at(-1) as Command;
    const result = await spec.run!({
      args: command.args,
      options: command.opts(),
      out,
      commandLine: argv,
    });
    out.done(result.text, result.json);
    exitCode = result.exitCode ?? 0;
  };
  let help = "";
  const fail = (message: string, code: number) => {
    out.error(message);
    if (json) out.done("", { error: { message, exitCode: code } });
    return code;
  };
  try {
    const write = { out: (text: string) => void streams.stdout.write(text), err: (text: string) => (help += text) };
    await program(write, handle).parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (error.code === "commander.help") {
        streams.stdout.write(help);
        return 0;
      }
      return fail(error.message.replace(/^error: /, "").replaceAll("\n", " ") + modelOptionHint(error, argv), 2);
    }
    const { message, exitCode: code } = describe(error);
    return fail(message, code);
  }
}

/** Where commander writes: what was asked for, and help that was not. */
interface Writers {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

function program(write: Writers, handle: Parameters<typeof toCommander>[1]): Command {
  const top = new Command("sampo")
    .description("Generative models: train, sample, evaluate, compare and ship them.")
    .version(describeVersions().sampo, "--version", "print the version")
    .showSuggestionAfterError(true)
    .addHelpText("after", "\nStart with: sampo tour. Help on a command: sampo train --help");
  for (const spec of commands) top.addCommand(toCommander(spec, handle));
  return withWriters(top, write);
}

/** Lets a command and all below it throw instead of exiting, and write where they are told. */
function withWriters(command: Command, write: Writers): Command {
  command.exitOverride().configureOutput({ writeOut: write.out, writeErr: write.err, outputError: () => {} });
  for (const child of command.commands) withWriters(child as Command, write);
  return command;
}

/** A reader that went away (`sampo … | head`) is no failure; a result that cannot be written is one. */
function watch(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.exitCode = 1;
    const reason = error.code === "ENOSPC" ? "the disk is full" : error.message;
    if (stream === process.stdout) process.stderr.write(`error The result cannot be written: ${reason}.\n`);
  });
}

/** Runs a command line in this process and sets its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  watch(process.stdout);
  watch(process.stderr);
  const code = await run(argv);
  process.exitCode ||= code;
}
