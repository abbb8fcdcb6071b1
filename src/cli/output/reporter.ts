import pico from "picocolors";
import { type Progress, progressLine } from "./progress.ts";
import { harmless } from "./text.ts";

/** A place to write text to: process.stderr, or a list in a test. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command tells its user. People read stderr; stdout carries the result, and nothing else. */
export interface Reporter {
  /** Whether the result is asked for as JSON. */
  readonly json: boolean;
  /** Colours for stdout when it is a terminal and NO_COLOR is not set; otherwise they do nothing. */
  readonly colours: Colours;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /** Shows where the work stands, at most ten times a second, on a terminal only. */
  progress(state: Progress): void;
  /** Writes a part of the result as soon as it is known, on a terminal only; whether it did. */
  stream(text: string): boolean;
  /** Ends the command: writes `text` for people or, in JSON mode, `document`, to stdout. To be called once. */
  done(text: string, document: unknown): void;
}

/** Where a reporter writes and what time it is; tests pass their own. */
export interface ReporterOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly stdout?: Sink;
  readonly stderr?: Sink;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Seconds. */
  readonly now?: () => number;
}

/** The functions that colour text. */
export type Colours = ReturnType<typeof pico.createColors>;

/** Whether to colour what is written to a sink: https://no-color.org first, then FORCE_COLOR, then whether it is a terminal. */
export function wantsColour(sink: Sink, env: ReporterOptions["env"] = process.env): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  return sink.isTTY === true && env.TERM !== "dumb";
}

/** The JSON of a result; numbers JSON lacks become null, so that any reader takes it. */
export function resultJson(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value), 2);
}

/** One line at the bottom of the terminal that is drawn over and over. */
class StatusLine {
  private readonly sink: Sink;
  private readonly now: () => number;
  private label = "";
  private started = 0;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private shown = false;

  constructor(sink: Sink, now: () => number) {
    this.sink = sink;
    this.now = now;
  }

  show(state: Progress): void {
    const now = this.now();
    if (state.label !== this.label) {
      this.end();
      [this.label, this.started, this.drawnAt] = [state.label, now, Number.NEGATIVE_INFINITY];
    }
    const finished = state.fraction !== undefined && state.fraction >= 1;
    if (now - this.drawnAt < 0.1 && !finished) return;
    this.drawnAt = now;
    this.shown = true;
    const columns = (this.sink.columns || 80) - 1;
    this.sink.write(`\r\u001b[2K${progressLine(state, now - this.started, columns)}`);
  }

  /** Takes the line away so that other text can be written. */
  clear(): void {
    if (!this.shown) return;
    this.sink.write("\r\u001b[2K");
    [this.shown, this.drawnAt] = [false, Number.NEGATIVE_INFINITY];
  }

  /** Leaves the line as it stands and goes below it. */
  end(): void {
    if (this.shown) this.sink.write("\n");
    [this.shown, this.label] = [false, ""];
  }
}

/** A reporter on the process's own streams, or on the given ones. */
export function createReporter(options: ReporterOptions = {}): Reporter {
  const { json = false, quiet = false, stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
  const line = new StatusLine(stderr, options.now ?? (() => performance.now() / 1000));
  const live = stderr.isTTY === true && env.TERM !== "dumb" && !quiet;
  const ink = pico.createColors(wantsColour(stderr, env));
  const say = (text: string) => {
    line.clear();
    stderr.write(`${text}\n`);
  };
  let ended = false;
  return {
    json,
    colours: pico.createColors(!json && wantsColour(stdout, env)),
    info: (text) => {
      if (!quiet) say(text);
    },
    warn: (text) => say(`${ink.yellow("warning")} ${harmless(text)}`),
    error: (text) => say(`${ink.red("error")} ${harmless(text)}`),
    progress: (state) => {
      if (live) line.show(state);
    },
    stream: (text) => {
      if (json || quiet || stdout.isTTY !== true) return false;
      line.clear();
      stdout.write(harmless(text));
      return true;
    },
    done: (text, document) => {
      if (ended) throw new Error("A command has one result: done was called twice.");
      ended = true;
      line.end();
      const result = json ? resultJson(document) : text;
      if (result !== "") stdout.write(`${result}\n`);
    },
  };
}
