import type { Heat } from "./heat.ts";
import { blankRaster, type Colour, paint } from "./raster.ts";
import { type Box, type Line, type Plate, textUnits } from "./scene.ts";

/** A number on a colour scale: where it stands from 0 to 1, and how it is written. */
export interface Tick {
  readonly share: number;
  readonly text: string;
}

/** A bar of all colours of a scale. */
export interface ScaleBar {
  readonly heat: Heat;
  readonly ticks: readonly Tick[];
  /** What the numbers are, with their unit. */
  readonly label: string;
}

/** Height of a scale bar with its numbers. */
export const barHeight = 42;
const LENGTH = 240;
const THICKNESS = 10;

/** Draws a scale bar whose upper left corner is at (x, y): what it is, the colours, and numbers below them. */
export function scaleBar({ heat, ticks, label }: ScaleBar, x: number, y: number): (Line | Box | Plate)[] {
  const colours = blankRaster(LENGTH, THICKNESS, 3, [0, 0, 0]);
  for (let i = 0; i < LENGTH * THICKNESS; i++)
    paint(colours, i % LENGTH, Math.floor(i / LENGTH), heat((i % LENGTH) / (LENGTH - 1)));
  const bar: Plate = { kind: "plate", x, y: y + 13, raster: colours, scale: 1 };
  const numbers = ticks.flatMap(({ share, text }): (Line | Box)[] => {
    const at = x + share * (LENGTH - 1);
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    return [
      { kind: "box", x: at, y: y + 23, width: 1, height: 3, fill: [128, 134, 143] },
      { kind: "line", x: share === 1 ? at + 1 : at, y: y + 37, text, anchor },
    ];
  });
  return [{ kind: "line", x, y: y + 8, text: label }, bar, ...numbers];
}

/** Ticks from 0 to `most`, at most five steps of a round size. */
export function linearTicks(most: number, capped: boolean): Tick[] {
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [0.2, 0.25, 0.5, 1, 2].map((each) => each * power).find((each) => most / each <= 5.001)!;
  const count = Math.floor(most / step + 1e-9);
  const inner = Array.from({ length: count + 1 }, (_, i) => i * step).filter((value) => value < most * 0.9);
  const ticks = inner.map((value) => ({ share: value / most, text: String(Number(value.toPrecision(3))) }));
  return [...ticks, { share: 1, text: `${capped ? "≥ " : ""}${Number(most.toPrecision(3))}` }];
}

/** One colour with what it stands for. */
export function swatch(colour: Colour, text: string, x: number, y: number): (Line | Box)[] {
  return [
    { kind: "box", x, y, width: 10, height: 10, fill: colour },
    { kind: "line", x: x + 16, y: y + 9, text },
  ];
}

/** Units a swatch takes. */
export const swatchUnits = (text: string) => 16 + textUnits(text);
