import { decodeNpy, isNpy } from "../base/codec/npy.ts";
import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { sameShape, showShape, sizeOf } from "../base/shape.ts";
import { readContent } from "../data/files.node.ts";
import { readWhole } from "../data/paths.node.ts";
import { maskNames, maskOf } from "../models/masks.ts";
import type { Key } from "../random/index.ts";

type Floats = HostArray<"float32">;

/** What `--mask` may be, for help texts. */
export const maskHelp = `what is observed: ${maskNames.join(", ")}, or an .npy or .png file (1 or white = observed)`;

/** The mask a command line asks for, [count, ...shape] with 1 where observed. */
export async function maskFor(text: string, shape: readonly number[], count: number, key: Key): Promise<Floats> {
  if (/\.npy$/i.test(text)) return maskOfArray(text, shape, count);
  if (/\.(png|webp|jpe?g)$/i.test(text)) return maskOfImage(text, shape, count);
  return maskOf(text, shape, count, key);
}

/** Repeats a mask of one plane or one example over channels and examples. */
function spread(values: ArrayLike<number>, shape: readonly number[], count: number): Floats {
  const size = sizeOf(shape);
  const data = Float32Array.from({ length: count * size }, (_, i) => {
    const within = values.length === count * size ? i : i % size;
    return values[within % values.length]!;
  });
  return new HostArray("float32", [count, ...shape], data);
}

async function maskOfArray(path: string, shape: readonly number[], count: number): Promise<Floats> {
  const bytes = await readContent(path);
  if (!isNpy(bytes)) throw new UsageError(`${path} is no NPY file.`);
  const array = decodeNpy(bytes, path);
  const fits = [shape.slice(-2), shape, [1, ...shape.slice(-2)], [1, ...shape], [count, ...shape]].some((wanted) =>
    sameShape(array.shape, wanted),
  );
  if (!fits)
    throw new UsageError(
      `${path} has the shape ${showShape(array.shape)}; a mask has that of an example, ${showShape(shape)}, or of all, ${showShape([count, ...shape])}.`,
    );
  const values = Float32Array.from(array.data as Float64Array, Number);
  const wrong = values.find((value) => value !== 0 && value !== 1);
  if (wrong !== undefined)
    throw new UsageError(`${path} holds ${wrong}; a mask is 1 where the example is observed and 0 elsewhere.`);
  return spread(values, shape, count);
}

async function maskOfImage(path: string, shape: readonly number[], count: number): Promise<Floats> {
  const { spec, x } = await readWhole(path);
  if (shape.length !== 3 || !sameShape(spec.shape.slice(1), shape.slice(1)))
    throw new UsageError(
      `${path} is ${spec.shape.slice(1).join("×")} pixels; the mask of this model has the shape ${showShape(shape)}.`,
    );
  const area = shape[1]! * shape[2]!;
  return spread(
    Float32Array.from(x.subarray(0, area), (value) => Number(value >= 128)),
    shape,
    count,
  );
}
