import { UsageError } from "../../base/errors.ts";
import { drawText, letterHeight, letterWidth } from "./font.ts";
import { type Images, type PixelSource, pixelsOf, takeImages } from "./images.ts";
import { blankRaster, type Colour, paint, type Raster } from "./raster.ts";

/** How a grid of images is laid out; lengths are pixels of the finished picture. */
export interface GridOptions {
  /** Images a row; the nearest to a square when not given. */
  readonly columns?: number;
  /** Space between and around the images (2). */
  readonly padding?: number;
  /** Each image pixel becomes a square of this many pixels (1). */
  readonly scale?: number;
  readonly background?: Colour;
  readonly rowLabels?: readonly string[];
  readonly columnLabels?: readonly string[];
  /** Each dot of a letter becomes a square of this many pixels (1). */
  readonly letterScale?: number;
}

interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly padding: number;
  readonly scale: number;
  readonly letters: number;
  /** Where the first image stands: right of the row labels, below the column labels. */
  readonly left: number;
  readonly top: number;
}

const darkGrey: Colour = [38, 38, 38];

function whole(name: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`The ${name} of a grid must be a whole number of at least ${least}, not ${value}.`);
  return value;
}

function layOut(pixels: PixelSource, options: GridOptions): Layout {
  const columns = whole("columns", options.columns ?? Math.ceil(Math.sqrt(pixels.count)), 1);
  const padding = whole("padding", options.padding ?? 2, 0);
  const scale = whole("scale", options.scale ?? 1, 1);
  const letters = whole("letter scale", options.letterScale ?? 1, 1);
  const longest = Math.max(0, ...(options.rowLabels ?? []).map((label) => label.length));
  return {
    columns,
    rows: Math.ceil(pixels.count / columns),
    cellWidth: pixels.width * scale,
    cellHeight: pixels.height * scale,
    padding,
    scale,
    letters,
    left: padding + (longest > 0 ? (longest * letterWidth + 2) * letters : 0),
    top: padding + (options.columnLabels?.length ? (letterHeight + 2) * letters : 0),
  };
}

function drawSquare(raster: Raster, left: number, top: number, size: number, colour: Colour): void {
  for (let y = top; y < top + size; y++) for (let x = left; x < left + size; x++) paint(raster, x, y, colour);
}

function drawImage(raster: Raster, pixels: PixelSource, image: number, left: number, top: number, scale: number): void {
  for (let y = 0; y < pixels.height; y++)
    for (let x = 0; x < pixels.width; x++)
      drawSquare(raster, left + x * scale, top + y * scale, scale, pixels.colour(image, y, x));
}

function drawLabel(raster: Raster, label: string, left: number, top: number, letters: number, ink: Colour): void {
  drawText(label, (x, y) => drawSquare(raster, left + x * letters, top + y * letters, letters, ink));
}

function inkOn(background: Colour): Colour {
  const [red, green, blue] = background;
  const light = 0.299 * red + 0.587 * green + 0.114 * blue > 140;
  return light ? [50, 50, 50] : [225, 225, 225];
}

function drawRowLabels(raster: Raster, labels: readonly string[], layout: Layout, ink: Colour): void {
  labels.slice(0, layout.rows).forEach((label, row) => {
    const middle = layout.top + row * (layout.cellHeight + layout.padding) + layout.cellHeight / 2;
    const width = label.length * letterWidth * layout.letters;
    const top = Math.round(middle - (letterHeight * layout.letters) / 2);
    drawLabel(raster, label, layout.left - 2 * layout.letters - width, top, layout.letters, ink);
  });
}

function drawColumnLabels(raster: Raster, labels: readonly string[], layout: Layout, ink: Colour): void {
  const room = Math.max(1, Math.floor((layout.cellWidth + layout.padding) / (letterWidth * layout.letters)));
  labels.slice(0, layout.columns).forEach((label, column) => {
    const shown = label.slice(0, room);
    const width = (shown.length * letterWidth - 1) * layout.letters;
    const left = layout.left + column * (layout.cellWidth + layout.padding) + (layout.cellWidth - width) / 2;
    drawLabel(raster, shown, Math.round(left), layout.padding, layout.letters, ink);
  });
}

/** Tiles images [n, C, H, W] row by row into one picture, grey when the images are, with labels beside and above on request. */
export function grid(images: Images, options: GridOptions = {}): Raster {
  const pixels = pixelsOf(images);
  const layout = layOut(pixels, options);
  const background = options.background ?? darkGrey;
  const grey = pixels.channels === 1 && !pixels.hasHoles && new Set(background).size === 1;
  const width = layout.left + layout.columns * (layout.cellWidth + layout.padding);
  const height = layout.top + layout.rows * (layout.cellHeight + layout.padding);
  const raster = blankRaster(width, height, grey ? 1 : 3, background);
  for (let image = 0; image < pixels.count; image++) {
    const left = layout.left + (image % layout.columns) * (layout.cellWidth + layout.padding);
    const top = layout.top + Math.floor(image / layout.columns) * (layout.cellHeight + layout.padding);
    drawImage(raster, pixels, image, left, top, layout.scale);
  }
  drawRowLabels(raster, options.rowLabels ?? [], layout, inkOn(background));
  drawColumnLabels(raster, options.columnLabels ?? [], layout, inkOn(background));
  return raster;
}

/** Draws interpolations [n, C, H, W] as strips of `steps` images, one path a row, the endpoints named. */
export function strip(images: Images, steps: number, options: Omit<GridOptions, "columns"> = {}): Raster {
  return grid(images, { ...options, columns: whole("steps", steps, 1) });
}

/** The frames of a film through interpolations: frame t shows step t of every path; there and back when `bounce`. */
export function frames(images: Images, steps: number, options: GridOptions & { bounce?: boolean } = {}): Raster[] {
  const { count } = pixelsOf(images);
  const paths = Math.floor(count / whole("steps", steps, 1));
  const forth = Array.from({ length: steps }, (_, step) => {
    const shown = Array.from({ length: paths }, (_, path) => path * steps + step);
    return grid(takeImages(images, shown), options);
  });
  return options.bounce ? [...forth, ...forth.slice(1, -1).reverse()] : forth;
}
