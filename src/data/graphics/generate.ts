import { UsageError } from "../../base/errors.ts";
import { fold, type Key } from "../../random/index.ts";
import type { DataSpec, Split } from "../types.ts";
import { type DigitFactors, digitRanges, traceDigit } from "./digits.ts";
import { drawFactors, type Ranges, withRanges } from "./factors.ts";
import { shapeNames } from "./outlines.ts";
import { black, type Colour, hsv, paint, type Surface, white } from "./paint.ts";
import { type ShapeFactors, shapeRanges, traceShape } from "./shapes.ts";

/** A kind of picture: how its factors vary, which factor is the label, and how one is traced. */
interface Picture<Name extends string> {
  readonly size: number;
  readonly ranges: Ranges<Name>;
  readonly label: Name;
  readonly classes: readonly string[];
  trace(distance: Float32Array, size: number, factors: Readonly<Record<Name, number>>, hand: Key): void;
}

const digits: Picture<keyof DigitFactors> = {
  size: 28,
  ranges: digitRanges,
  label: "digit",
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  trace: traceDigit,
};

const shapes: Picture<keyof ShapeFactors> = {
  size: 32,
  ranges: shapeRanges,
  label: "shape",
  classes: shapeNames,
  trace: traceShape,
};

const pictures = { digits, shapes };

/** The kinds of pictures the generator draws. */
export type PictureKind = keyof typeof pictures;

/** How pictures are drawn. */
export interface PictureOptions {
  /** Side in pixels (digits 28, shapes 32). */
  readonly size?: number;
  /** Three channels with random hues instead of white on black. */
  readonly colour?: boolean;
  /** Pixels 0 or 1 (one channel) instead of bytes. */
  readonly binary?: boolean;
  /** Other ranges for some of the factors; equal ends fix a factor. */
  readonly ranges?: Readonly<Record<string, readonly [number, number]>>;
}

const LARGEST = 1024;

function surfaceOf(kind: PictureKind, options: PictureOptions): Surface {
  const { size = pictures[kind].size, colour = false, binary = false } = options;
  if (!Number.isInteger(size) || size < 8 || size > LARGEST)
    throw new UsageError(`A picture's size is a whole number from 8 to ${LARGEST}; got ${size}.`);
  if (colour && binary) throw new UsageError("A picture is either in colour or binary; choose one.");
  return { size, channels: colour ? 3 : 1, binary };
}

/** Shape, values and class names of the pictures that `options` asks for. */
export function pictureSpec(kind: PictureKind, options: PictureOptions = {}): DataSpec {
  const { size, channels, binary } = surfaceOf(kind, options);
  return { shape: [channels, size, size], values: binary ? "binary" : "bytes", classes: pictures[kind].classes };
}

/** Ink and paper: white on black in grey, a light hue on a dark one in colour. */
function inkAndPaper(surface: Surface, hue: number, paper: number): readonly [Colour, Colour] {
  return surface.channels === 1 ? [white, black] : [hsv(hue, 0.75, 1), hsv(paper, 0.7, 0.3)];
}

function drawAll<Name extends string>(
  picture: Picture<Name | "hue" | "paper">,
  k: Key,
  count: number,
  surface: Surface,
  ranges: Ranges<Name | "hue" | "paper">,
): Split {
  const pixels = surface.size * surface.size;
  const names = Object.keys(ranges) as Name[];
  const factors = Object.fromEntries(names.map((name) => [name, new Float32Array(count)])) as Record<
    Name,
    Float32Array
  >;
  const x = new Uint8Array(count * surface.channels * pixels);
  const labels = new Uint8Array(count);
  const distance = new Float32Array(pixels);
  const [what, how] = [fold(k, "factors"), fold(k, "hand")];
  for (let i = 0; i < count; i++) {
    const drawn = drawFactors(what, i, ranges);
    for (const name of names) factors[name][i] = drawn[name];
    labels[i] = Math.min(picture.classes.length - 1, Math.floor(drawn[picture.label]));
    picture.trace(distance, surface.size, drawn, fold(how, i));
    const [ink, paper] = inkAndPaper(surface, drawn.hue, drawn.paper);
    paint(x, i * surface.channels * pixels, surface, distance, ink, paper);
  }
  return { count, x, labels, factors };
}

/**
 * Draws `count` pictures with their labels and factors. Picture i is a function of (key, i, options) alone, whatever
 * the count, and has the same bytes in every JavaScript engine.
 */
export function drawPictures(kind: PictureKind, k: Key, count: number, options: PictureOptions = {}): Split {
  const surface = surfaceOf(kind, options);
  const draw = <Name extends string>(picture: Picture<Name | "hue" | "paper">) =>
    drawAll(picture, k, count, surface, withRanges(picture.ranges, options.ranges as Partial<typeof picture.ranges>));
  return kind === "digits" ? draw(digits) : draw(shapes);
}
