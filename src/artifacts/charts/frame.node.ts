import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeMarkup } from "../markup.ts";
import { colourAt, neutralInk } from "./palette.ts";

/** What every chart says about itself; `x` and `y` name the axes with their units. */
export interface ChartText {
  readonly title: string;
  readonly subtitle?: string;
  readonly x?: string;
  readonly y?: string;
  readonly width?: number;
  readonly height?: number;
}

/** One entry of a legend. */
export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  readonly shape: "line" | "dashed" | "dot" | "square";
}

const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/** Width in pixels that a text takes at most, roughly: there is no font to measure with. */
export function textWidth(text: string, size: number): number {
  return [...text].length * size * 0.56;
}

function round(markup: string): string {
  return markup.replace(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100));
}

/** A short name made from the content, so that ids are the same each time and differ between charts of one page. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** What Observable Plot draws, as SVG markup without its outer element, style sheet and running ids. */
function drawn(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({ ...options, document: document as unknown as Document });
  for (const style of svg.querySelectorAll("style")) style.remove();
  const markup = round(svg.innerHTML).replaceAll("&nbsp;", "&#160;");
  const clip = `clip-${fingerprint(markup.replace(/plot-clip-\d+/g, "clip"))}`;
  return markup.replace(/plot-clip-\d+/g, clip);
}

function mark(entry: LegendEntry): string {
  const colour = escapeMarkup(entry.colour);
  if (entry.shape === "dot") return `<circle cx="8" cy="-4" r="4.5" fill="${colour}"/>`;
  if (entry.shape === "square") return `<rect x="3" y="-9" width="10" height="10" rx="2" fill="${colour}"/>`;
  const dashes = entry.shape === "dashed" ? ' stroke-dasharray="4 3"' : "";
  return `<path d="M0,-4h16" stroke="${colour}" stroke-width="2.5" stroke-linecap="round"${dashes}/>`;
}

/** The legend in as many lines as it needs. */
function legend(entries: readonly LegendEntry[], width: number): { markup: string; height: number } {
  let [x, line] = [0, 0];
  const parts = entries.map((entry) => {
    const length = 22 + textWidth(entry.name, 12) + 16;
    if (x > 0 && x + length > width) [x, line] = [0, line + 1];
    const text = `<text x="22" y="0">${escapeMarkup(entry.name)}</text>`;
    const part = `<g transform="translate(${Math.round(x)},${line * 19})">${mark(entry)}${text}</g>`;
    x += length;
    return part;
  });
  return { markup: parts.join(""), height: entries.length > 0 ? (line + 1) * 19 + 3 : 0 };
}

function headings(text: ChartText): { markup: string; height: number } {
  const title = `<text x="0" y="15" font-size="15" font-weight="600">${escapeMarkup(text.title)}</text>`;
  if (!text.subtitle) return { markup: title, height: 24 };
  const subtitle = `<text x="0" y="34" font-size="12">${escapeMarkup(text.subtitle)}</text>`;
  return { markup: title + subtitle, height: 43 };
}

function axisLabel(label: string | undefined, x: number, y: number, anchor: "start" | "end"): string {
  return label ? `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeMarkup(label)}</text>` : "";
}

/** Width of a chart in pixels when none is asked for. */
export const defaultWidth = 540;

/** Puts title, legend and plot together as one self-contained SVG with a name for screen readers. */
export function frame(text: ChartText, entries: readonly LegendEntry[], options: Plot.PlotOptions): string {
  const width = text.width ?? defaultWidth;
  const plotHeight = options.height ?? text.height ?? 270;
  const head = headings(text);
  const key = legend(entries, width - 32);
  const yLabel = text.y ? 18 : 0;
  const top = 16 + head.height + key.height + yLabel;
  const height = Math.round(top + plotHeight + (text.x ? 24 : 8));
  const name = escapeMarkup([text.title, text.subtitle].filter(Boolean).join(": "));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="sampo-chart" role="img" aria-label="${name}" viewBox="0 0 ${width} ${height}"`,
    ` width="${width}" height="${height}" color="${neutralInk}" fill="currentColor" font-family="${fontFamily}" font-size="12">`,
    `<title>${name}</title>`,
    `<g transform="translate(16,16)" text-anchor="start">${head.markup}</g>`,
    `<g transform="translate(16,${16 + head.height + 12})" text-anchor="start">${key.markup}</g>`,
    axisLabel(text.y, 16, top - 6, "start"),
    axisLabel(text.x, width - 24, height - 12, "end"),
    `<g transform="translate(0,${top})" text-anchor="middle">${drawn({ ...options, width, height: plotHeight })}</g>`,
    "</svg>",
  ].join("");
}

/** Legend entries for names in the order of the palette. */
export function entriesFor(names: readonly string[], shape: LegendEntry["shape"]): LegendEntry[] {
  return names.map((name, index) => ({ name, colour: colourAt(index), shape }));
}

/** What is drawn in place of an empty chart. */
export const nothing: Plot.PlotOptions = {
  x: { axis: null },
  y: { axis: null },
  marks: [Plot.text(["no data"], { frameAnchor: "middle", fontSize: 14 })],
};
