import { type HostArray, toNested } from "../../base/host.ts";
import { sameShape, showShape } from "../../base/shape.ts";
import { Spec, trace } from "../graph.ts";
import { interpreter } from "../interpret.ts";
import type { NdArray } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { gradients } from "../vjp.ts";
import { type Case, flat, floats, type Nested, tracedDType } from "./case.ts";

const isFloat = (x: { dtype: string }) => x.dtype === "float32" || x.dtype === "float64";

const asList = (result: Tensor | readonly Tensor[]): readonly Tensor[] =>
  Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];

const asNd = (array: HostArray): NdArray => ({
  shape: array.shape,
  dtype: tracedDType(array),
  data: Float64Array.from(array.data as ArrayLike<number | bigint>, Number),
});

/** The results of a case's function as a list. */
export function results(c: Case, args: readonly Tensor[]): readonly Tensor[] {
  return asList(c.fn(...args));
}

type Evaluator = (args: readonly NdArray[]) => NdArray[];

/** A graph function traced once and evaluated in float64. */
function evaluator(fn: (...args: Tensor[]) => readonly Tensor[], args: readonly HostArray[]): Evaluator {
  const specs = args.map((arg) => new Spec(arg.shape, tracedDType(arg)));
  const { graph } = trace(fn as (...args: never[]) => readonly Tensor[], specs);
  return interpreter(graph);
}

function nestedShape(x: Nested): number[] {
  if (typeof x === "number") return [];
  return [x.length, ...(x.length > 0 ? nestedShape(x[0]!) : [])];
}

/** Whether two numbers agree to a relative (absolute below 1) error; infinities and NaN must be the same. */
function close(a: number, b: number, tolerance: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

/** Throws at the first element in which two lists of numbers disagree. */
export function assertClose(got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what: string): void {
  if (got.length !== wanted.length) throw new Error(`${what}: ${got.length} elements instead of ${wanted.length}`);
  for (let i = 0; i < got.length; i++)
    if (!close(got[i]!, wanted[i]!, tolerance)) throw new Error(`${what}: element ${i} is ${got[i]}, not ${wanted[i]}`);
}

/** Compares the reference values of a case with its independent formula, shapes included. */
function checkValue(c: Case): void {
  const got = evaluator((...args) => results(c, args), c.args)(c.args.map(asNd));
  const formula = c.expected as (...args: unknown[]) => Nested;
  const nested = formula(...c.args.map(toNested));
  const wanted = got.length === 1 ? [nested] : (nested as readonly Nested[]);
  got.forEach((array, i) => {
    const shape = nestedShape(wanted[i]!);
    if (!sameShape(array.shape, shape))
      throw new Error(`result ${i} has shape ${showShape(array.shape)}, not ${showShape(shape)}`);
    assertClose(array.data, flat(wanted[i]!), 1e-12, `result ${i}`);
  });
}

/**
 * All first and second derivatives of a case as one graph function with a point for it: the gradient of Σ v·∇(Σ w·f)
 * with respect to arguments, weights w and directions v. Undefined when nothing is differentiable.
 */
export function derivatives(c: Case): { fn: (...args: Tensor[]) => Tensor[]; args: readonly HostArray[] } | undefined {
  const first = weighted(c);
  if (!first || (c.orders ?? 2) < 2) return undefined;
  const second = directional(first);
  return { fn: (...all) => gradients(second.fn(...all), floatArgs(all)), args: second.args };
}

/** A scalar graph function with a point at which its gradient is checked. */
interface Problem {
  readonly fn: (...args: Tensor[]) => Tensor;
  readonly args: readonly HostArray[];
}

const sumOf = (terms: readonly Tensor[]) => terms.reduce((sum, term) => sum.add(term));

/** Σ w·f(x) over all float results, with random weights w as further arguments; undefined when nothing is differentiable. */
function weighted(c: Case): Problem | undefined {
  const specs = c.args.map((arg) => new Spec(arg.shape, tracedDType(arg)));
  const { result } = trace((...args: Tensor[]) => results(c, args), specs);
  const floating = result.flatMap((y, i) => (isFloat(y) ? [i] : []));
  if (floating.length === 0 || !c.args.some(isFloat)) return undefined;
  const weights = floating.map((i) => floats(result[i]!.shape, -1, 1, 77 + i));
  const count = c.args.length;
  const fn = (...args: Tensor[]) => {
    const y = results(c, args.slice(0, count));
    return sumOf(floating.map((i, at) => y[i]!.mul(args[count + at]!).sum()));
  };
  return { fn, args: [...c.args, ...weights] };
}

const floatArgs = (args: readonly Tensor[]) => args.filter(isFloat);

/** Σ v·∇f with random directions v as further arguments: its gradient holds the second derivatives. */
function directional({ fn, args }: Problem): Problem {
  const directions = args.filter(isFloat).map((arg, i) => floats(arg.shape, -1, 1, 99 + i));
  const along = (...all: Tensor[]) => {
    const point = all.slice(0, args.length);
    const list = gradients(fn(...point), floatArgs(point));
    return sumOf(list.map((gradient, i) => gradient.mul(all[args.length + i]!).sum()));
  };
  return { fn: along, args: [...args, ...directions] };
}

const step = 1e-4;

/** Compares every component of the gradient with (f(x + h) − f(x − h)) / 2h. */
function checkAgainstDifferences({ fn, args }: Problem, what: string): void {
  const value = evaluator((...all) => [fn(...all)], args);
  const gradient = evaluator((...all) => gradients(fn(...all), floatArgs(all)), args);
  const values = args.map(asNd);
  const got = gradient(values);
  const floating = values.filter(isFloat);
  floating.forEach((array, position) => {
    const differences = array.data.map((centre, i) => {
      const at = (x: number) => {
        array.data[i] = x;
        return value(values)[0]!.data[0]!;
      };
      const difference = (at(centre + step) - at(centre - step)) / (2 * step);
      array.data[i] = centre;
      return difference;
    });
    assertClose(got[position]!.data, differences, 2e-6, `${what} of float argument ${position}`);
  });
}

/**
 * Checks a case on the float64 reference: values against the formula; the gradient, and the gradient of the gradient,
 * against central finite differences (of the weighted sum of the results, with respect to arguments, weights and directions).
 */
export function checkCase(c: Case): void {
  checkValue(c);
  const { orders = 2 } = c;
  const first = orders > 0 ? weighted(c) : undefined;
  if (!first) return;
  checkAgainstDifferences(first, "gradient");
  if (orders > 1) checkAgainstDifferences(directional(first), "second derivative");
}
