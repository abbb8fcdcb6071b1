import { DataError } from "../../base/errors.ts";
import { flatten, type LikelihoodRow, showBitsPerDim, showNegativeLogLikelihood } from "./figures.ts";
import { type Content, html, type Markup, trusted } from "./html.ts";
import { style } from "./style.ts";

/** A chart of a report: SVG made by the chart functions of this package. */
export interface ReportChart {
  readonly svg: string;
  readonly caption?: string;
}

/** A picture of a report, as a `data:` URI or as SVG made by this package; `broad` gives it the full width (strips). */
export interface ReportPicture {
  readonly title: string;
  readonly src?: string;
  readonly svg?: string;
  /** What a reader who cannot see the picture should know. */
  readonly alt: string;
  readonly caption?: string;
  readonly broad?: boolean;
}

/** A text of a report: as it is, or in parts that are coloured by how much each weighs, from 0 to 1. */
export interface ReportText {
  readonly title: string;
  readonly text: string;
  /** Shown instead of `text`; `note` is said of a part when it is pointed at. */
  readonly pieces?: readonly { readonly text: string; readonly share: number; readonly note: string }[];
}

/** A table of a report, which becomes a section; `numbers` says which columns hold numbers. */
export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  /** Rows of texts; the first names the row. */
  readonly rows: readonly (readonly string[])[];
  readonly numbers?: readonly number[];
  readonly note?: string;
}

/** Everything a report shows; sections without content are left out. */
export interface Report {
  readonly title: string;
  readonly lead?: string;
  readonly summary: readonly (readonly [name: string, value: string | number])[];
  readonly tables?: readonly ReportTable[];
  readonly likelihoods?: readonly LikelihoodRow[];
  readonly charts?: readonly ReportChart[];
  readonly pictures?: readonly ReportPicture[];
  /** Texts the model wrote, or has read. */
  readonly texts?: readonly ReportText[];
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, unknown>>;
  /** Commands that make this run again. */
  readonly reproduce?: readonly string[];
  /** Last line: version and date. */
  readonly footer?: string;
}

/** Bytes of memory as people say them. */
const readable = ({ memory, ...rest }: Readonly<Record<string, unknown>>) =>
  typeof memory === "number" ? { ...rest, memory: `${(memory / 2 ** 30).toFixed(1)} GiB` } : { ...rest };

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

function table(caption: string, head: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function plainTable({ title, head, rows, numbers = [], note }: ReportTable): Markup {
  const cell = (text: string, column: number) =>
    column === 0
      ? html`<th scope="row" class="name">${text}</th>`
      : html`<td${numbers.includes(column) ? html` class="number"` : undefined}>${text}</td>`;
  const lines = rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`);
  return html`${table(title, head, lines)}${note === undefined ? undefined : html`\n<p class="note">${note}</p>`}`;
}

function pairs(caption: string, values: Readonly<Record<string, unknown>>): Markup {
  const rows = flatten(values).map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`);
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="pairs"><tbody>
${rows}</tbody></table></div>`;
}

function text({ title, text: written, pieces }: ReportText): Markup {
  const shown = pieces?.map(marked) ?? written;
  return html`<p class="note">${title}</p>\n<pre tabindex="0">${shown}</pre>\n`;
}

/** A part of a text on a ground that is the stronger the more it weighs, readable on light and dark pages. */
function marked({ text: part, share, note }: NonNullable<ReportText["pieces"]>[number]): Content {
  const strength = Math.round(80 * Math.min(1, Math.max(0, share)));
  if (strength < 1) return part;
  const shown = part === "\n" ? "↵\n" : part;
  return html`<span style="background:rgb(232 96 28/${strength}%)" title="${note}">${shown}</span>`;
}

function summary(rows: Report["summary"]): Markup {
  const tiles = rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`);
  return html`<dl class="tiles">${tiles}</dl>`;
}

const kindNames: Record<LikelihoodRow["kind"], string> = {
  exact: "exact",
  "lower-bound": "lower bound of log p",
  estimate: "estimate",
  unnormalised: "unnormalised",
};

function likelihoodRow(row: LikelihoodRow): Markup {
  const size = row.count === undefined ? "" : `, ${row.count.toLocaleString("en")} examples`;
  return html`<tr><th scope="row">${row.split}${size}</th><td class="number">${showNegativeLogLikelihood(row)}</td>
<td class="number">${showBitsPerDim(row)}</td><td>${kindNames[row.kind]}</td><td>${row.via ?? "–"}</td><td>${row.protocol}</td></tr>\n`;
}

function likelihood(rows: readonly LikelihoodRow[]): Markup {
  const head = ["split", "negative log-likelihood (nats)", "bits/dim", "kind", "via", "protocol"];
  const bound = rows.some((row) => row.kind === "lower-bound")
    ? " A lower bound of log p bounds the negative log-likelihood from above, hence ≤."
    : "";
  return html`${table("Likelihood", head, rows.map(likelihoodRow))}
<p class="note">Mean over examples, ± one standard error.${bound} Numbers of different protocols must not be compared.</p>`;
}

function chart(one: ReportChart): Markup {
  if (!one.svg.startsWith("<svg"))
    throw new DataError("A chart of the report is not SVG; draw it with the chart functions.");
  const caption = one.caption === undefined ? undefined : html`<figcaption>${one.caption}</figcaption>`;
  return html`<figure>${trusted(one.svg)}${caption}</figure>\n`;
}

function picture(one: ReportPicture): Markup {
  const shape = one.broad ? html` class="broad"` : undefined;
  return html`<figure${shape}>${imageOf(one)}
<figcaption><strong>${one.title}.</strong> ${one.caption}</figcaption></figure>\n`;
}

function imageOf(one: ReportPicture): Markup {
  if (one.svg?.startsWith("<svg")) return trusted(one.svg);
  if (!/^data:image\/(png|jpeg|webp|gif|svg\+xml);base64,[A-Za-z0-9+/=]+$/.test(one.src ?? ""))
    throw new DataError(
      `The picture "${one.title}" of the report is not a data URI of an image; make it with pngDataUri.`,
    );
  return html`<img src="${one.src}" alt="${one.alt}">`;
}

function sectionsOf(report: Report): Section[] {
  const {
    summary: tiles,
    tables = [],
    likelihoods = [],
    charts = [],
    pictures = [],
    texts = [],
    reproduce = [],
  } = report;
  const { configuration = {}, environment = {} } = report;
  const section = (title: string, wanted: number, body: () => Markup): Section[] =>
    wanted > 0 ? [{ id: title.toLowerCase().replaceAll(" ", "-"), title, body: body() }] : [];
  return [
    ...section("Summary", tiles.length, () => summary(tiles)),
    ...tables.flatMap((one) => section(one.title, one.rows.length, () => plainTable(one))),
    ...section("Likelihood", likelihoods.length, () => likelihood(likelihoods)),
    ...section("Charts", charts.length, () => html`<div class="charts">${charts.map(chart)}</div>`),
    ...section("Text", texts.length, () => html`${texts.map(text)}`),
    ...section("Pictures", pictures.length, () => html`<div class="pictures">${pictures.map(picture)}</div>`),
    ...section("Reproduce", reproduce.length, () => html`<pre tabindex="0"><code>${reproduce.join("\n")}</code></pre>`),
    ...section("Configuration", Object.keys(configuration).length, () => pairs("Configuration", configuration)),
    ...section("Environment", Object.keys(environment).length, () => pairs("Environment", readable(environment))),
  ];
}

function show({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}
</section>\n`;
}

function pageHead(title: string): Markup {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>`;
}

/**
 * One HTML page with everything inside: no scripts, no requests (a content security policy forbids them), light and dark,
 * readable on a phone, on paper and by a screen reader. All texts are escaped.
 */
export function renderReport(report: Report): string {
  const sections = sectionsOf(report);
  const links = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  const lead: Content = report.lead === undefined ? undefined : html`<p class="lead">${report.lead}</p>`;
  return html`<!doctype html>
<html lang="en">
${pageHead(report.title)}
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><div class="wide"><h1>${report.title}</h1>${lead}
<nav aria-label="Sections"><ul>${links}</ul></nav></div></header>
<main id="main" class="wide">
${sections.map(show)}</main>
<footer><div class="wide">${report.footer ?? "Made with Sampo."}</div></footer>
</body>
</html>
`.text;
}
