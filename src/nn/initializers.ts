import { full, HostArray } from "../base/host.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { orthonormalRows } from "../numeric/linear/index.ts";
import { normal as drawNormal, uniform as drawUniform, type Key, normalQuantile } from "../random/index.ts";

/** How many inputs one output sums over, and how many outputs one input reaches. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Draws a layer's initial weights on the host; `fans` come from the layer, which knows its weight's layout. */
export type Initializer = (key: Key, shape: Shape, fans: Fans) => HostArray<"float32">;

/** All elements the same. */
export const constant = (value: number): Initializer => {
  return (_key, shape) => full("float32", shape, value);
};

/** All elements 0. */
export const zeros: Initializer = constant(0);

/** All elements 1. */
export const ones: Initializer = constant(1);

const scaled = (draws: HostArray<"float32">, fn: (value: number) => number) =>
  new HostArray("float32", draws.shape, draws.data.map(fn));

/** Uniform on [−bound, bound). */
export const uniform = (bound = 0.05): Initializer => {
  return (key, shape) => scaled(drawUniform(key, shape), (u) => bound * (2 * u - 1));
};

/** Normal with mean 0. */
export const normal = (stdDev = 0.05): Initializer => {
  return (key, shape) => scaled(drawNormal(key, shape), (z) => stdDev * z);
};

/** Φ(−2), and the standard deviation of a standard normal cut at ±2. */
const TAIL = 0.022750131948179195;
const CUT_DEVIATION = 0.8796256610342398;

/** Normal with mean 0 cut at two standard deviations and widened so that `stdDev` is the deviation of the result. */
export const truncatedNormal = (stdDev = 0.05): Initializer => {
  const draw = (u: number) => (stdDev / CUT_DEVIATION) * normalQuantile((1 - 2 * TAIL) * (u - 0.5));
  return (key, shape) => scaled(drawUniform(key, shape), draw);
};

/** The fan that sets the variance 1/fan. */
type Mode = (fans: Fans) => number;
const fanIn: Mode = (fans) => fans.fanIn;
const average: Mode = (fans) => (fans.fanIn + fans.fanOut) / 2;

const withVariance = (family: "uniform" | "normal", gain: number, mode: Mode): Initializer => {
  return (key, shape, fans) => {
    const deviation = Math.sqrt(gain / mode(fans));
    return (family === "normal" ? normal(deviation) : uniform(Math.sqrt(3) * deviation))(key, shape, fans);
  };
};

/** Uniform with variance 2/(fanIn + fanOut). Glorot, Bengio 2010; also called Xavier. */
export const glorotUniform: Initializer = withVariance("uniform", 1, average);

/** Normal with variance 2/(fanIn + fanOut). Glorot, Bengio 2010; also called Xavier. */
export const glorotNormal: Initializer = withVariance("normal", 1, average);

/** Uniform with variance 2/fanIn, for rectifiers. He et al. 2015, arXiv 1502.01852; also called Kaiming. */
export const heUniform: Initializer = withVariance("uniform", 2, fanIn);

/** Normal with variance 2/fanIn, for rectifiers. He et al. 2015, arXiv 1502.01852; also called Kaiming. */
export const heNormal: Initializer = withVariance("normal", 2, fanIn);

/** Normal with variance 1/fanIn. LeCun et al. 1998, "Efficient backprop". */
export const lecunNormal: Initializer = withVariance("normal", 1, fanIn);

/** Uniform with variance 1/fanIn. LeCun et al. 1998, "Efficient backprop". */
export const lecunUniform: Initializer = withVariance("uniform", 1, fanIn);

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`; axis 0 against all others.
 * Saxe et al. 2014, arXiv 1312.6120.
 */
export const orthogonal = (gain = 1): Initializer => {
  return (key, shape) => {
    const rows = shape[0] ?? 1;
    const columns = sizeOf(shape) / rows;
    const short = Math.min(rows, columns);
    const drawn = Float64Array.from(drawNormal(key, shape).data);
    const basis = orthonormalRows({ rows: short, columns: Math.max(rows, columns), data: drawn }).data;
    const at = (row: number, column: number) =>
      rows <= columns ? basis[row * columns + column]! : basis[column * rows + row]!;
    const data = Float32Array.from(
      { length: rows * columns },
      (_, i) => gain * at(Math.floor(i / columns), i % columns),
    );
    return new HostArray("float32", shape, data);
  };
};

/** All initialisers by name, with their usual settings. */
export const initializers = {
  zeros,
  ones,
  uniform: uniform(),
  normal: normal(),
  truncatedNormal: truncatedNormal(),
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  orthogonal: orthogonal(),
} as const satisfies Record<string, Initializer>;
