/** Red, green and blue from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

export const white: Colour = [1, 1, 1];
export const black: Colour = [0, 0, 0];

/** The colour of a hue (in turns), saturation and value, each from 0 to 1. */
export function hsv(hue: number, saturation: number, value: number): Colour {
  const channel = (shift: number) => {
    const sector = (((hue * 6 + shift) % 6) + 6) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(1, sector, 4 - sector)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** How much of a pixel lies inside an outline at signed distance d pixels (negative inside): ½ - d between 0 and 1. */
export function coverage(d: number): number {
  return Math.min(1, Math.max(0, 0.5 - d));
}

/** What a picture is made of: `binary` writes 0 or 1, otherwise bytes 0 to 255; one channel shows brightness of red. */
export interface Surface {
  readonly size: number;
  readonly channels: 1 | 3;
  readonly binary: boolean;
}

/** Paints `ink` over `paper` wherever the distance field is inside, into `out` from `at` on, channel by channel. */
export function paint(
  out: Uint8Array,
  at: number,
  surface: Surface,
  distance: Float32Array,
  ink: Colour,
  paper: Colour,
): void {
  const pixels = surface.size * surface.size;
  for (let channel = 0; channel < surface.channels; channel++) {
    const low = paper[channel]!;
    const rise = ink[channel]! - low;
    for (let i = 0; i < pixels; i++) {
      const inside = coverage(distance[i]!);
      out[at + channel * pixels + i] = surface.binary ? Number(inside >= 0.5) : Math.round(255 * (low + rise * inside));
    }
  }
}
