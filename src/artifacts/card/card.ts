import { flatten, type LikelihoodRow, showBitsPerDim, showNegativeLogLikelihood } from "../report/figures.ts";
import { codeBlock, codeSpan, escapeMarkdown, markdownTable } from "./markdown.ts";
import { browserSnippet, type CardFunction, type CardValue, nodeSnippet, pythonSnippet } from "./snippets.ts";

/** The publication a model follows. */
export interface Paper {
  readonly authors: string;
  readonly title: string;
  readonly year: number;
  /** "1312.6114" */
  readonly arxiv?: string;
}

/** Everything a model card says; sections without content are left out. */
export interface ModelCard {
  /** Model name as in the registry: "vae". */
  readonly model: string;
  /** What the model is, in a sentence or two. */
  readonly about: string;
  readonly paper?: Paper;
  readonly data: { readonly name: string; readonly protocol: string; readonly hash: string };
  readonly likelihoods?: readonly LikelihoodRow[];
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly functions: readonly CardFunction[];
  /** Name of the function the examples run; the first when not given. */
  readonly example?: string;
  /** How the weights came about: command, steps, time, versions, machine. */
  readonly training?: Readonly<Record<string, unknown>>;
  readonly use?: readonly string[];
  readonly limits?: readonly string[];
}

const generalUse = ["Research, teaching and comparison of generative models on the data named above."];

const generalLimits = [
  "The model knows nothing but its training data: its samples repeat the biases and gaps of that data.",
  "A likelihood compares models under the same protocol only, and does not measure how samples look.",
];

function section(title: string, body: string | undefined): string[] {
  return body ? [`## ${title}`, body] : [];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${escapeMarkdown(item)}`).join("\n");
}

function pairs(values: Readonly<Record<string, unknown>>): string | undefined {
  const rows = flatten(values).map(([name, value]) => [codeSpan(name), codeSpan(value)]);
  return rows.length > 0 ? markdownTable(["setting", "value"], rows) : undefined;
}

function source(paper: Paper | undefined): string | undefined {
  if (!paper) return undefined;
  const words = escapeMarkdown(`${paper.authors}: ${paper.title} (${paper.year})`);
  const id = paper.arxiv?.match(/^[\w.\-/]+$/)?.[0];
  return id ? `${words}, [arXiv ${escapeMarkdown(id)}](https://arxiv.org/abs/${id}).` : `${words}.`;
}

function likelihood(rows: readonly LikelihoodRow[] = []): string | undefined {
  if (rows.length === 0) return undefined;
  const cells = rows.map((row) => [
    escapeMarkdown(row.split),
    `**${showNegativeLogLikelihood(row)}**`,
    showBitsPerDim(row),
    row.kind,
    escapeMarkdown(row.via ?? "–"),
    escapeMarkdown(row.protocol),
  ]);
  const head = ["split", "negative log-likelihood (nats)", "bits/dim", "kind", "via", "protocol"];
  return `${markdownTable(head, cells)}\n\nMean over examples ± one standard error; ≤ marks a bound.`;
}

function valueRow(role: string, value: CardValue): string[] {
  const shape = `[${value.shape.join(", ")}]`;
  const meaning = value.noise ? `noise: ${value.noise}${value.doc ? `; ${value.doc}` : ""}` : (value.doc ?? "");
  return [role, codeSpan(value.name), value.dtype, codeSpan(shape), escapeMarkdown(meaning)];
}

function functionSection(fn: CardFunction): string {
  const rows = [
    ...fn.inputs.map((input) => valueRow("in", input)),
    ...fn.outputs.map((output) => valueRow("out", output)),
  ];
  const table = markdownTable(["", "name", "type", "shape", "meaning"], rows);
  return `### ${escapeMarkdown(fn.name)}: ${codeSpan(fn.file)}\n\n${escapeMarkdown(fn.doc)}\n\n${table}`;
}

function examples(card: ModelCard): string | undefined {
  const fn = card.functions.find(({ name }) => name === card.example) ?? card.functions[0];
  if (!fn) return undefined;
  return [
    `Each file runs in any ONNX runtime. Once through ${codeSpan(fn.name)}:`,
    `Node:\n\n${codeBlock("js", nodeSnippet(fn))}`,
    `Python:\n\n${codeBlock("python", pythonSnippet(fn))}`,
    `Browser:\n\n${codeBlock("js", browserSnippet(fn))}`,
  ].join("\n\n");
}

/** The lines that model hubs read. */
function frontMatter(card: ModelCard): string {
  const tags = ["generative", "onnx", card.model].map((tag) => `  - ${JSON.stringify(tag)}`);
  return [
    "---",
    "library_name: sampo",
    "tags:",
    ...tags,
    "datasets:",
    `  - ${JSON.stringify(card.data.name)}`,
    "---",
  ].join("\n");
}

/** A model card in Markdown: what the model is, how good and on which protocol, what goes in and out, how to run it, its limits. */
export function renderCard(card: ModelCard): string {
  const { name, protocol, hash } = card.data;
  const parts = [
    frontMatter(card),
    `# ${escapeMarkdown(`${card.model} on ${name}`)}`,
    escapeMarkdown(card.about),
    ...section("Paper", source(card.paper)),
    ...section(
      "Data",
      `${escapeMarkdown(name)}: ${escapeMarkdown(protocol)}\n\nSHA-256 of the contents: ${codeSpan(hash)}`,
    ),
    ...section("Likelihood", likelihood(card.likelihoods)),
    ...section("Functions", card.functions.map(functionSection).join("\n\n")),
    ...section("How to run", examples(card)),
    ...section("Configuration", pairs(card.configuration)),
    ...section("Training", pairs(card.training ?? {})),
    ...section("Intended use", list(card.use ?? generalUse)),
    ...section("Limits", list(card.limits ?? generalLimits)),
  ];
  return `${parts.join("\n\n")}\n`;
}
