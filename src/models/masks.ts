import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import { unknownName } from "../base/suggest.ts";
import { type Key, uniform } from "../random/index.ts";

/** Whether the element at a place of an image, as fractions of height and width, is observed. */
type Region = (y: number, x: number) => boolean;

const regions: Readonly<Record<string, Region>> = {
  "top-half": (y) => y < 0.5,
  "bottom-half": (y) => y >= 0.5,
  "left-half": (_y, x) => x < 0.5,
  "right-half": (_y, x) => x >= 0.5,
  border: (y, x) => Math.min(y, 1 - y, x, 1 - x) < 0.25,
  none: () => false,
};

/** Names a mask may have; they say what is OBSERVED. `random:0.3` observes each element with probability 0.3. */
export const maskNames: readonly string[] = [...Object.keys(regions), "random:<fraction>"];

/**
 * A mask by name for examples of a shape, [count, ...shape], 1 where observed. Vectors count as one row; a random mask
 * is drawn for each example and shared by the channels of an image.
 */
export function maskOf(name: string, shape: readonly number[], count: number, key: Key): HostArray<"float32"> {
  const [height, width] = shape.length === 3 ? [shape[1]!, shape[2]!] : [1, sizeOf(shape)];
  const plane = height * width;
  const observed = /^random(:|$)/.test(name) ? randomPlane(name, count * plane, key) : regionPlane(name, height, width);
  const size = sizeOf(shape);
  const data = new Float32Array(count * size);
  for (let i = 0; i < data.length; i++) {
    const example = Math.floor(i / size);
    data[i] = observed((example * plane + ((i % size) % plane)) % (observed.period ?? Number.POSITIVE_INFINITY));
  }
  return new HostArray("float32", [count, ...shape], data);
}

type Plane = ((i: number) => number) & { period?: number };

function regionPlane(name: string, height: number, width: number): Plane {
  const region = regions[name];
  if (!region) throw new UsageError(unknownName("mask", name, maskNames));
  const values = Float32Array.from({ length: height * width }, (_, i) =>
    Number(region((Math.floor(i / width) + 0.5) / height, ((i % width) + 0.5) / width)),
  );
  return Object.assign((i: number) => values[i]!, { period: values.length });
}

function randomPlane(name: string, length: number, key: Key): Plane {
  const text = name.slice("random:".length);
  const fraction = name === "random" ? 0.5 : text.trim() === "" ? Number.NaN : Number(text);
  if (!(fraction >= 0 && fraction <= 1))
    throw new UsageError(`mask ${name}: the fraction observed must lie between 0 and 1, as in random:0.3`);
  const draws = uniform(key, [length]).data;
  return (i) => Number(draws[i]! < fraction);
}
