import type { Colour } from "./raster.ts";

/** Colours of numbers from 0 to 1, alike in steps of lightness, readable without colours as well. */
export type Heat = (share: number) => Colour;

/** A scale through 33 colours, written as six digits each. */
function through(text: string): Heat {
  const colours = text.match(/../g)!.map((digits) => Number.parseInt(digits, 16));
  const last = colours.length / 3 - 1;
  return (share) => {
    const place = Math.min(1, Math.max(0, share)) * last;
    const below = Math.min(last - 1, Math.floor(place));
    const mixed = (channel: number) => {
      const [a, b] = [colours[3 * below + channel]!, colours[3 * below + 3 + channel]!];
      return Math.round(a + (place - below) * (b - a));
    };
    return [mixed(0), mixed(1), mixed(2)];
  };
}

/** Black over red to pale yellow: Inferno of Smith & van der Walt 2015 (matplotlib, CC0). */
export const inferno = through(
  "0000040403120b0724150b37210c4a2f0a5b3d09654a0c6b57106e64156e71196e7d1e6d8a226a972766a32c61b0315bbc3754c73e4cd24644db503be45a31eb6628f1731df68013f98e09fb9d07fcac11fbbc21f9cb35f5db4cf2ea69f3f68afcffa4",
);

/** Violet over green to yellow: Viridis of Smith & van der Walt 2015 (matplotlib, CC0). */
export const viridis = through(
  "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d33638d2f6b8e2c728e297a8e26828e23898e21918c1f988b1fa08822a78528ae8032b67a3fbc734ec36b5ec96270cf5784d44b98d83eaddc30c2df23d8e219ece51bfde725",
);

/** A round number not below a positive one: 1, 2, 3, 5 or so times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value * (1 - 1e-9))!;
  return Number((step * power).toPrecision(2));
}

/** The value below which a share of the numbers lies. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
