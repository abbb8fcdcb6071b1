import { z } from "zod";
import { DataError, SampoError } from "../base/errors.ts";
import { parseJson, printJson } from "./json.ts";

/** The version of the run folder's format that this Sampo writes; it reads this one and refuses newer ones. */
export const manifestFormat = 1;

const text = z.string().min(1);
const count = z.int().nonnegative();
/** Numbers of a run; a diverged run has figures that are not finite. */
const figure = z.custom<number>((value) => typeof value === "number", "expected a number");
const figuresAtStep = z.strictObject({ step: count, figures: z.record(text, figure) });

const schema = z.strictObject({
  format: z.literal(manifestFormat),
  model: text,
  configuration: z.record(z.string(), z.json()),
  preset: text.optional(),
  training: z.record(z.string(), z.json()).optional(),
  data: z.strictObject({
    name: text,
    hash: text,
    protocol: text,
    /** What the data was opened with: the name or path, and options such as binarisation. */
    source: z.record(z.string(), z.json()),
    /** The kind of numbers the model sees, after binarisation. */
    spec: z.strictObject({
      shape: z.array(z.int().positive()),
      values: z.enum(["binary", "bytes", "real", "tokens", "table", "sequences"]),
      classes: z.array(z.string()).optional(),
      vocabulary: z.int().positive().optional(),
      boundary: count.optional(),
      /** The columns of a table, and the place of the target among them. */
      columns: z
        .array(
          z.strictObject({
            name: text,
            kind: z.enum(["categorical", "ordinal", "count", "real"]),
            levels: z.array(z.string()).optional(),
          }),
        )
        .optional(),
      target: count.optional(),
      /** The column that says which rows are one sequence. */
      sequence: z.string().optional(),
    }),
  }),
  /** The tokeniser in the run folder: its kind, its number of tokens, the SHA-256 of its file. */
  tokenizer: z.strictObject({ kind: text, vocabulary: z.int().positive(), hash: text }).optional(),
  seed: z.int(),
  versions: z.strictObject({ sampo: text, node: text, onnxruntime: text.optional() }),
  machine: z.strictObject({ cpu: text, cores: z.int().positive(), memory: z.int().positive(), platform: text }),
  command: z.array(z.string()),
  /** The command lines that went on with the run, in order. */
  resumed: z.array(z.array(z.string())).optional(),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
  status: z.enum(["running", "finished", "stopped", "diverged", "failed"]),
  seconds: z.number().nonnegative(),
  last: figuresAtStep.optional(),
  best: figuresAtStep.optional(),
  /** What a fit that ended by itself has come to. */
  outcome: figuresAtStep.extend({ text }).optional(),
});

/** What a run folder says about itself: model, data, seed, versions, machine, command line, how far it came. Memory is in bytes. */
export type Manifest = z.infer<typeof schema>;

/** The command lines that made a run, as a shell takes them. */
export function commandLines({ command, resumed = [] }: Pick<Manifest, "command" | "resumed">): string[] {
  return [command, ...resumed].map((words) => ["sampo", ...words].map(shellWord).join(" "));
}

/** A word as a shell reads it back. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Where a run stands. */
export type RunStatus = Manifest["status"];

/** Named numbers measured at a training step, for example `{ step: 500, figures: { elbo: -101.2 } }`. */
export type Figures = z.infer<typeof figuresAtStep>;

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "it does not fit the format";
  const place = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  return `${place}${issue.message}`;
}

function validate(value: unknown, where: string): Manifest {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DataError(
    `${where} is damaged (${firstIssue(parsed.error)}); restore it from a copy, or train again into another folder.`,
  );
}

function parse(content: string, where: string): unknown {
  try {
    return parseJson(content);
  } catch {
    throw new DataError(`${where} is not JSON; restore it from a copy, or train again into another folder.`);
  }
}

/** Reads and checks the text of a manifest; `where` names the file in the sentences of errors. */
export function readManifest(content: string, where: string): Manifest {
  const value = parse(content, where);
  const format = typeof value === "object" && value !== null && "format" in value ? value.format : undefined;
  if (typeof format === "number" && format > manifestFormat)
    throw new SampoError(
      `${where} was written by a newer Sampo (format ${format}, this version reads up to ${manifestFormat}); update Sampo to open this run.`,
    );
  return validate(value, where);
}

/** The text of a manifest, checked first so that nothing is written that could not be read again. */
export function writeManifest(manifest: Manifest, where: string): string {
  validate(manifest, where);
  return `${printJson(manifest, 2)}\n`;
}
