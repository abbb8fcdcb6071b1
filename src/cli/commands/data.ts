import { checkEnding, gridPng, isImage } from "../../artifacts/examples.node.ts";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { showShape, sizeOf } from "../../base/shape.ts";
import { unknownName } from "../../base/suggest.ts";
import { catalogue } from "../../data/catalogue.ts";
import { type DatasetDescription, describeDataset, listDatasets } from "../../data/describe.ts";
import { embeddedNames } from "../../data/embedded.ts";
import { fillExamples } from "../../data/encoding.ts";
import { cacheFolder, fetchDataset } from "../../data/files.node.ts";
import { decodeText } from "../../data/text/index.ts";
import { type Dataset, type SplitName, splitNames } from "../../data/types.ts";
import { key } from "../../random/index.ts";
import type { TrainingData } from "../../training/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { dataOptions, dataSource, openData } from "../data.ts";
import { formatBytes, formatFigure, table } from "../output/index.ts";
import { harmless } from "../output/text.ts";
import { wholeNumber } from "../parse.ts";

/** `sampo data`. */
export const dataCommand: CommandSpec = {
  name: "data",
  summary: "List, look at and fetch data sets.",
  examples: ["data list", "data show digits --out digits.png", "data get mnist"],
  subcommands: [
    {
      name: "list",
      summary: "Every data set that has a name.",
      examples: ["data list", "data list --json"],
      run: list,
    },
    {
      name: "show",
      summary: "What a data set holds: sizes, range, classes; its first examples as a picture.",
      arguments: [["<name|path>", "data set, folder of images or texts, or IDX, NPY, NPZ, CSV, CIFAR or text file"]],
      options: [
        { flags: "--out <file>", description: "draw the first examples as a PNG grid" },
        { flags: "-n, --count <number>", description: "how many to draw", parse: wholeNumber(1), default: 64 },
        { flags: "--split <name>", description: "which to draw", choices: splitNames, default: "train" },
        ...dataOptions,
      ],
      examples: [
        "data show digits --out digits.png",
        "data show mnist --binarize dynamic --json",
        "data show people.csv --table --target outcome",
      ],
      run: show,
    },
    {
      name: "get",
      summary: "Download a data set into the cache, checked by its published checksum.",
      arguments: [["<name>", "name of the data set; see sampo data list"]],
      examples: ["data get mnist"],
      run: get,
    },
  ],
};

async function list({ out }: Invocation): Promise<Result> {
  const listings = listDatasets();
  const rows = listings.map(({ name, title, source, bytes }) => [name, source, bytes ? formatBytes(bytes) : "", title]);
  const columns = [
    { title: "name" },
    { title: "source" },
    { title: "size", align: "right" as const },
    { title: "what" },
  ];
  const text = `${table(columns, rows, out.colours.bold)}\n\nPaths to folders of images or texts and to IDX, NPY, NPZ, CSV, CIFAR or text files work as well.`;
  return { text, json: listings };
}

async function show({ args, options, out }: Invocation): Promise<Result> {
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(file, [".png"]);
  const data = await openData(dataSource(args[0]!, options), out);
  const described = describeDataset(data.dataset);
  if (file !== undefined) drawExamples(file, data, options.split as SplitName, options.count as number);
  const drawn = file === undefined ? "" : `\nPicture: ${file}`;
  const { values } = data.dataset.spec;
  const about = values === "tokens" ? describeText(data.dataset) : data.dataset.spec.columns ? describeTable : describe;
  return {
    text: about(described, out.colours.bold) + drawn,
    json: file === undefined ? described : { ...described, file },
  };
}

function drawExamples(file: string, { dataset, encoding }: TrainingData, name: SplitName, count: number): void {
  const { spec, splits } = dataset;
  const split = splits[name];
  if (!isImage(spec.shape))
    throw new UsageError(`Examples of shape ${showShape(spec.shape)} are no images; leave --out out.`);
  const shown = Math.min(count, split.count);
  const images = new HostArray("float32", [shown, ...spec.shape], new Float32Array(shown * sizeOf(spec.shape)));
  const indices = Uint32Array.from({ length: shown }, (_, i) => i);
  fillExamples(images.data, split, spec, indices, encoding, { key: key(0), epoch: 0 });
  writeFileAtomic(file, gridPng(images));
}

/** Characters of a text that are shown. */
const SHOWN = 300;

/** What people want to know of text: how much of it there is, in which tokens, and how it begins. */
const describeText = (dataset: Dataset) => (data: DatasetDescription, bold: (text: string) => string) => {
  const { boundary } = dataset.spec;
  const columns = ["split", "windows", "tokens"].map((title, i) =>
    i === 0 ? { title } : { title, align: "right" as const },
  );
  const rows = splitNames.map((name) => {
    const { count, x } = dataset.splits[name];
    const length = boundary === undefined ? x.length : count + x.filter((token) => token !== boundary).length;
    return [name, count.toLocaleString("en"), length.toLocaleString("en")];
  });
  const [length, kind] = [data.dimensions - 1, dataset.tokenizer?.kind ?? "unknown"];
  const lines = [
    `${bold(data.name)}: text in ${data.vocabulary} tokens (${kind}), windows of ${length} and the one before them`,
    ...[data.protocol, "", table(columns, rows, bold)],
  ];
  const whole = dataset.splits.train.x;
  const x =
    boundary === undefined ? whole : whole.filter((token, i) => token !== boundary || whole[i - 1] !== boundary);
  if (dataset.tokenizer)
    lines.push("", harmless(decodeText(dataset.tokenizer, x.subarray(0, SHOWN)).slice(0, SHOWN)), "…");
  return [...lines, "", `sha256 ${data.hash}`].join("\n");
};

function describe(data: DatasetDescription, bold: (text: string) => string): string {
  const columns = ["split", "examples", "smallest", "largest", "mean", "deviation"].map((title, i) =>
    i === 0 ? { title } : { title, align: "right" as const },
  );
  const rows = splitNames.map((name) => {
    const { count, min, max, mean, deviation } = data.splits[name];
    return [name, count.toLocaleString("en"), ...[min, max, mean, deviation].map(formatFigure)];
  });
  const lines = [
    `${bold(data.name)}: ${data.values} examples of shape ${showShape(data.shape)}, ${data.dimensions} numbers each`,
    data.protocol,
    "",
    table(columns, rows, bold),
  ];
  const counts = data.splits.train.classCounts;
  if (counts) lines.push("", `Classes (train): ${classList(counts)}`);
  return [...lines, "", `sha256 ${data.hash}`].join("\n");
}

/** What people want to know of a table: its columns, what they hold, and how much is missing. */
function describeTable(data: DatasetDescription, bold: (text: string) => string): string {
  const titles = ["column", "kind", "missing", "smallest", "largest", "mean", "levels"];
  const columns = titles.map((title, i) => (i > 1 && i < 6 ? { title, align: "right" as const } : { title }));
  const rows = data.described!.map(({ name, kind, missing, counts, ...numbers }, i) => [
    i === data.target ? `${name} (target)` : name,
    kind,
    missing === 0 ? "" : missing.toLocaleString("en"),
    ...[numbers.min, numbers.max, numbers.mean].map((value) => (value === undefined ? "" : formatFigure(value))),
    counts ? classList(counts, 6) : "",
  ]);
  const sizes = splitNames.map((name) => `${data.splits[name].count.toLocaleString("en")} ${name}`).join(", ");
  const what = data.values === "sequences" ? "sequences of rows" : "a table";
  const one = data.values === "sequences" ? "sequences" : "rows";
  const lines = [`${bold(data.name)}: ${what} of ${data.described!.length} columns, ${one}: ${sizes}`, data.protocol];
  return [...lines, "", table(columns, rows, bold), "", `sha256 ${data.hash}`].join("\n");
}

function classList(counts: Readonly<Record<string, number>>, most = 24): string {
  const all = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return all.length <= most ? all.join(", ") : `${all.slice(0, most - 4).join(", ")}, … (${all.length} in all)`;
}

async function get({ args, out }: Invocation): Promise<Result> {
  const name = args[0]!;
  if (embeddedNames.includes(name))
    return { text: `${name} is generated: there is nothing to fetch.`, json: { name, fetched: 0 } };
  const entry = catalogue.find((one) => one.name === name);
  if (!entry) {
    const names = catalogue.map((one) => one.name);
    throw new UsageError(unknownName("data set", name, names));
  }
  const onProgress = (received: number, total: number) =>
    out.progress({ label: `fetch ${name}`, fraction: Math.min(1, received / total), detail: formatBytes(received) });
  const fetched = await fetchDataset(entry, process.env, { onProgress });
  const folder = cacheFolder();
  const text =
    fetched === 0
      ? `${name} is on this machine already.`
      : `${name}: ${fetched} ${fetched === 1 ? "file" : "files"} fetched into ${folder}.`;
  return { text: `${text}\nLicence: ${entry.licence}`, json: { name, fetched, folder, licence: entry.licence } };
}
