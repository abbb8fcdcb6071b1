import { ShapeError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { showShape } from "../../base/shape.ts";
import { roundUp, viridis } from "./heat.ts";
import { barHeight, scaleBar, swatch, swatchUnits, type Tick } from "./legend.ts";
import { blankRaster, type Colour, paint, type Raster } from "./raster.ts";
import { type Scene, textUnits } from "./scene.ts";

/** What a picture of causality shows: arrays [variables, C, H, W], and the variables' places in the flattened example. */
export interface CausalityMaps {
  readonly strength: HostArray<"float32">;
  readonly seen: HostArray<"bool">;
  readonly before: HostArray<"bool">;
  readonly places: readonly number[];
  /** What the model and the examples are. */
  readonly about: string;
  readonly columns?: number;
}

const MARGIN = 16;
const GAP = 24;
const HEAD = 46;
const CAPTION = 34;
const SIDE = 168;
/** Powers of ten the colours span below the strongest dependence. */
const DECADES = 3;

const output: Colour = [229, 50, 60];
const later: Colour = [226, 229, 234];
const unseen: Colour = [163, 172, 184];
const channelNames = ["red", "green", "blue"];

/** The place of a variable in words: its row and column from 0, and its channel where there are three. */
export function placeName(place: number, shape: readonly number[]): string {
  const [channels, height, width] = shape as [number, number, number];
  const [channel, row, column] = [
    Math.floor(place / (height * width)),
    Math.floor(place / width) % height,
    place % width,
  ];
  return `row ${row}, column ${column}${channels === 3 ? `, ${channelNames[channel]}` : ""}`;
}

const keys = [
  [output, "the predicted pixel"],
  [unseen, "before it, but unseen"],
  [later, "not before it"],
] as const;
/** Where the keys stand beside the bar. */
const KEYS_LEFT = 240 + 2 * GAP;

/** One map for each variable: how strongly its prediction depends on every pixel. */
export function causalityScene(maps: CausalityMaps): Scene {
  const { strength, places, about } = maps;
  const [count, , height, width] = strength.shape as [number, number, number, number];
  if (strength.shape.length !== 4 || places.length !== count)
    throw new ShapeError(
      `Cannot draw dependences of shape ${showShape(strength.shape)} on ${places.length} variables.`,
    );
  const { most, capped } = strongest(strength, places, height * width);
  const top = Math.log10(most > 0 ? roundUp(most) : 1);
  const panels = places.map((_, v) => panelOf(maps, v, top));
  const scale = panels[0]!.scale;
  const cell = Math.max(width * scale, ...panels.flatMap(({ name, count }) => [name, count].map(textUnits)));
  const across = maps.columns ?? Math.ceil(Math.sqrt(count));
  const step = height * scale + CAPTION + GAP / 2;
  const foot = MARGIN + HEAD + Math.ceil(count / across) * step;
  const title = "What each prediction sees";
  const label = "derivative of its logits by the input";
  const used = Math.max(
    across * (cell + GAP) - GAP,
    KEYS_LEFT + Math.max(...keys.map(([, text]) => swatchUnits(text))),
  );
  return {
    name: `${title}: ${about}`,
    width: Math.ceil(2 * MARGIN + Math.max(used, textUnits(about))),
    height: foot + barHeight + 4 + MARGIN,
    items: [
      { kind: "line", x: MARGIN, y: MARGIN + 11, text: title, weight: "title" },
      { kind: "line", x: MARGIN, y: MARGIN + 29, text: about, weight: "note" },
      ...panels.flatMap(({ items }, v) =>
        items(MARGIN + (v % across) * (cell + GAP), MARGIN + HEAD + Math.floor(v / across) * step),
      ),
      ...scaleBar({ heat: viridis, ticks: decadeTicks(top, capped), label }, MARGIN, foot),
      ...keys.flatMap(([colour, text], i) => swatch(colour, text, MARGIN + KEYS_LEFT, foot + i * 15)),
    ],
  };
}

/** The map of one variable with its captions, to be put anywhere. */
function panelOf({ strength, seen, before, places }: CausalityMaps, v: number, top: number) {
  const [, channels, height, width] = strength.shape as [number, number, number, number];
  const size = channels * height * width;
  const scale = Math.max(1, Math.round(SIDE / Math.max(width, height)));
  const sum = (flags: HostArray<"bool">) => flags.data.subarray(v * size, (v + 1) * size).reduce((a, b) => a + b, 0);
  const place = places[v]!;
  const [name, count] = [placeName(place, strength.shape.slice(1)), `sees ${sum(seen)} of ${sum(before)} before it`];
  const [column, row] = [place % width, Math.floor(place / width) % height];
  const raster = mapRaster({ strength, seen, before, v, top });
  const mark = channels === 1 ? { fill: output } : { frame: output };
  const items = (x: number, y: number): Scene["items"] => [
    { kind: "plate", x, y, raster, scale },
    { kind: "box", x: x + column * scale, y: y + row * scale, width: scale, height: scale, ...mark },
    { kind: "line", x, y: y + height * scale + 14, text: name },
    { kind: "line", x, y: y + height * scale + 27, text: count, weight: "note" },
  ];
  return { name, count, scale, items };
}

/** The strongest dependence on another pixel, and whether one on a channel of the same pixel is beyond the scale. */
function strongest({ data }: HostArray<"float32">, places: readonly number[], area: number) {
  const size = data.length / places.length;
  let [most, own] = [0, 0];
  data.forEach((value, at) => {
    if ((at % size) % area === places[Math.floor(at / size)]! % area) own = Math.max(own, value);
    else most = Math.max(most, value);
  });
  if (most === 0) return { most: own, capped: false };
  return { most, capped: own > roundUp(most) };
}

/** Both ends of the scale and the powers of ten that have room between; the lowest colour stands for all that is less. */
function decadeTicks(top: number, capped: boolean): Tick[] {
  const write = (value: number) =>
    value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(2))) : value.toExponential(0).replace("+", "");
  const powers = Array.from({ length: DECADES + 1 }, (_, i) => Math.floor(top) - DECADES + i);
  const inner = powers
    .map((power) => ({ share: 1 + (power - top) / DECADES, text: write(10 ** power) }))
    .filter(({ share }) => share > 0.24 && share < 0.78);
  return [
    { share: 0, text: `≤ ${write(10 ** (top - DECADES))}` },
    ...inner,
    { share: 1, text: `${capped ? "≥ " : ""}${write(10 ** top)}` },
  ];
}

interface OneMap extends Pick<CausalityMaps, "strength" | "seen" | "before"> {
  readonly v: number;
  readonly top: number;
}

/** The map of one variable; of several channels of a pixel the norm of their strengths. */
function mapRaster({ strength, seen, before, v, top }: OneMap): Raster {
  const [, channels, height, width] = strength.shape as [number, number, number, number];
  const raster = blankRaster(width, height, 3, later);
  for (let at = 0; at < height * width; at++) {
    const own = Array.from({ length: channels }, (_, c) => (v * channels + c) * height * width + at);
    const norm = Math.hypot(...own.map((i) => strength.data[i]!));
    const colour = own.some((i) => seen.data[i])
      ? viridis(1 + (Math.log10(norm) - top) / DECADES)
      : own.some((i) => before.data[i])
        ? unseen
        : later;
    paint(raster, at % width, Math.floor(at / width), colour);
  }
  return raster;
}
