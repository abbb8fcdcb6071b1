import { escapeMarkup } from "../markup.ts";
import { drawText, letterWidth } from "./font.ts";
import { encodePng, pngDataUri } from "./png.ts";
import { blankRaster, type Colour, paint, type Raster } from "./raster.ts";

/** A line of text; `y` is its base line. */
export interface Line {
  readonly kind: "line";
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor?: "start" | "middle" | "end";
  /** Titles are large, notes are grey. */
  readonly weight?: "title" | "note";
}

/** A rectangle, filled or as a frame of one unit. */
export interface Box {
  readonly kind: "box";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill?: Colour;
  readonly frame?: Colour;
}

/** A picture whose pixels become squares of `scale` units. */
export interface Plate {
  readonly kind: "plate";
  readonly x: number;
  readonly y: number;
  readonly raster: Raster;
  readonly scale: number;
}

/** A drawing of pictures, boxes and lines of text on a page, in units that are pixels of a plain screen. */
export interface Scene {
  /** What readers who cannot see it should know. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly items: readonly (Line | Box | Plate)[];
}

/** Pixels of a PNG for each unit. */
const DOTS = 2;
const ink: Colour = [31, 36, 43];
const grey: Colour = [96, 104, 115];
const paper: Colour = [255, 255, 255];

/** Units a text takes in the letters of PNGs, and roughly in those of SVGs. */
export const textUnits = (text: string) => [...text].length * letterWidth;

/** What stands for signs the dot letters do not have. */
const plain = (text: string) =>
  text.replaceAll("−", "-").replaceAll("≥", ">=").replaceAll("≤", "<=").replaceAll("·", "-").replaceAll("×", "x");

/** The scene as PNG, at twice its size, on white. */
export function scenePng(scene: Scene): Uint8Array {
  const raster = blankRaster(scene.width * DOTS, scene.height * DOTS, 3, paper);
  for (const item of scene.items) {
    if (item.kind === "line") paintLine(raster, item);
    else if (item.kind === "box") paintBox(raster, item);
    else paintPlate(raster, item);
  }
  return encodePng(raster, true);
}

function fill(raster: Raster, x: number, y: number, width: number, height: number, colour: Colour): void {
  for (let row = 0; row < Math.round(height * DOTS); row++)
    for (let column = 0; column < Math.round(width * DOTS); column++)
      paint(raster, Math.round(x * DOTS) + column, Math.round(y * DOTS) + row, colour);
}

function paintBox(raster: Raster, { x, y, width, height, fill: inner, frame }: Box): void {
  if (inner) fill(raster, x, y, width, height, inner);
  if (!frame) return;
  fill(raster, x, y, width, 1, frame);
  fill(raster, x, y + height - 1, width, 1, frame);
  fill(raster, x, y, 1, height, frame);
  fill(raster, x + width - 1, y, 1, height, frame);
}

function paintPlate(raster: Raster, { x, y, raster: source, scale }: Plate): void {
  const { width, height, channels, data } = source;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * channels;
      const step = channels === 3 ? 1 : 0;
      const colour: Colour = [data[at]!, data[at + step]!, data[at + 2 * step]!];
      fill(raster, x + column * scale, y + row * scale, scale, scale, colour);
    }
}

function paintLine(raster: Raster, { text, x, y, anchor = "start", weight }: Line): void {
  const shown = plain(text);
  const dots = weight === "title" ? 3 : DOTS;
  const width = (shown.length * letterWidth - 1) * dots;
  const left = Math.round(x * DOTS - { start: 0, middle: width / 2, end: width }[anchor]);
  const top = Math.round(y * DOTS) - 7 * dots;
  const colour = weight === "note" ? grey : ink;
  drawText(shown, (column, row) => {
    for (let i = 0; i < dots * dots; i++)
      paint(raster, left + column * dots + (i % dots), top + row * dots + Math.floor(i / dots), colour);
  });
}

const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const hex = (colour: Colour) => `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
const number = (value: number) => String(Math.round(value * 100) / 100);

/** The scene as SVG: pictures within, text in the ink of the page around it, no ground of its own. */
export function sceneSvg({ name, width, height, items }: Scene): string {
  const title = escapeMarkup(name);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="sampo-chart" role="img" aria-label="${title}" viewBox="0 0 ${width} ${height}"`,
    ` width="${width}" height="${height}" color="#78818d" fill="currentColor" font-family="${fontFamily}" font-size="12">`,
    `<title>${title}</title>`,
    ...items.map((item) =>
      item.kind === "line" ? lineSvg(item) : item.kind === "box" ? boxSvg(item) : plateSvg(item),
    ),
    "</svg>",
  ].join("");
}

function lineSvg({ text, x, y, anchor = "start", weight }: Line): string {
  const face = weight === "title" ? ' font-size="15" font-weight="600"' : weight === "note" ? ' opacity="0.8"' : "";
  return `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}"${face}>${escapeMarkup(text)}</text>`;
}

function boxSvg({ x, y, width, height, fill: inner, frame }: Box): string {
  const inside = frame ? 0.5 : 0;
  const place = `x="${number(x + inside)}" y="${number(y + inside)}" width="${number(width - 2 * inside)}" height="${number(height - 2 * inside)}"`;
  return `<rect ${place} fill="${inner ? hex(inner) : "none"}"${frame ? ` stroke="${hex(frame)}"` : ""}/>`;
}

function plateSvg({ x, y, raster, scale }: Plate): string {
  const size = `width="${number(raster.width * scale)}" height="${number(raster.height * scale)}"`;
  return `<image x="${number(x)}" y="${number(y)}" ${size} preserveAspectRatio="none" style="image-rendering:pixelated" href="${pngDataUri(encodePng(raster))}"/>`;
}
