import { checkEnding, exampleEndings, isImage, writeExamples } from "../../artifacts/examples.node.ts";
import { checkTableEnding, writeTable } from "../../artifacts/tables.node.ts";
import { decodeNpy, isNpy } from "../../base/codec/npy.ts";
import { DataError, SampoError, UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { showShape, sizeOf } from "../../base/shape.ts";
import { readContent } from "../../data/files.node.ts";
import { readCsv } from "../../data/readers/csv.ts";
import type { AnyModel } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { numberList } from "../parse.ts";
import { capable, labelsFor, trainedOptions, withTrained } from "../trained.ts";

/** `sampo decode`. */
export const decodeCommand: CommandSpec = {
  name: "decode",
  summary: "Turn latent codes into examples (means of p(x|z)).",
  arguments: [["<run>", "run folder"]],
  options: [
    { flags: "--input <file>", description: "codes as NPY or CSV, one row each" },
    { flags: "--out <file>", description: "PNG grid, NPY, CSV or SVG; CSV, Parquet or JSONL for rows" },
    { flags: "--labels <list>", description: "classes to decode as, for conditional models", parse: numberList },
    ...trainedOptions,
  ],
  examples: ["decode runs/v --input codes.npy --out decoded.png"],
  run: decode,
};

async function decode({ args, options, out }: Invocation): Promise<Result> {
  const { input, out: file } = options as { input?: string; out?: string };
  if (input === undefined) throw new UsageError("Say which codes to decode, for example: --input codes.npy");
  if (file === undefined) throw new UsageError("Say where the examples go, for example: --out decoded.png");
  return withTrained(args[0]!, options, out, async ({ trained, on }) => {
    const model = capable(trained.model, "decode");
    const { columns } = model.data;
    if (columns) checkTableEnding(file);
    else checkEnding(file, exampleEndings);
    if (file.toLowerCase().endsWith(".png") && !isImage(model.data.shape))
      throw new UsageError(`Examples of shape ${showShape(model.data.shape)} are no images; write .npy or .csv.`);
    const codes = await readCodes(input, codeShape(model));
    const count = codes.shape[0]!;
    const x = await model.decode(on, codes, {
      key: key(0),
      ...labelsFor(model, options.labels as number[] | undefined, count),
      progress: (fraction) => out.progress({ label: "decode", fraction }),
    });
    if (columns) await writeTable(file, columns, x.data);
    else await writeExamples(file, x);
    return {
      text: `${file}: ${count} decoded codes of ${input}`,
      json: { run: args[0], input, count, shape: x.shape, file },
    };
  });
}

/** The shape of one code: what the model's decode function takes beside labels; undefined for a model of tables without one. */
function codeShape(model: AnyModel): readonly number[] | undefined {
  const inputs = Object.entries(model.functions.decode?.inputs(1) ?? {}).filter(([name]) => name !== "labels");
  const [found] = inputs;
  if (!found && model.data.values === "table") return undefined;
  if (!found) throw new SampoError(`The model ${model.name} does not say what its codes look like.`);
  return found[1].shape.slice(1);
}

/** The codes of a file as rows of that shape. */
async function readCodes(path: string, given: readonly number[] | undefined): Promise<HostArray<"float32">> {
  const bytes = await readContent(path);
  const table = isNpy(bytes) ? npyRows(bytes, path) : csvRows(bytes, path);
  const shape = given ?? [table.width];
  const width = sizeOf(shape);
  if (table.width !== width)
    throw new UsageError(`${path} holds codes of ${table.width} numbers, and the model takes ${width}.`);
  const wrong = table.data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new DataError(
      `${path} holds ${table.data[wrong]} in code ${Math.floor(wrong / width) + 1}; codes must be finite numbers.`,
    );
  return new HostArray("float32", [table.data.length / width, ...shape], table.data);
}

function npyRows(bytes: Uint8Array, path: string) {
  const { shape, data } = decodeNpy(bytes, path);
  if (shape.length < 2 || data.length === 0)
    throw new UsageError(`${path} has the shape ${showShape(shape)}; codes are rows, [n, numbers].`);
  return { width: sizeOf(shape.slice(1)), data: Float32Array.from(data as Float64Array, Number) };
}

function csvRows(bytes: Uint8Array, path: string) {
  const { columns, values } = readCsv(bytes, path, { label: "none" });
  return { width: columns.length, data: values };
}
