import { UsageError } from "../base/errors.ts";
import { float32 } from "../base/host.ts";
import { showShape } from "../base/shape.ts";
import { gradients, Spec, type Tensor, trace } from "../graph/index.ts";
import { planDouble, type Runtime } from "../runtime/index.ts";

/** A log density in nats, up to a constant, and its gradient at one point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** What samplers on ℝ^d are given: they know no model. */
export interface Target {
  readonly dimension: number;
  /** Evaluates at several points, one for each chain that waits for it. The results are the caller's to keep. */
  evaluate(points: readonly Float64Array[]): readonly Evaluation[] | Promise<readonly Evaluation[]>;
}

/** The log density as a graph function: a vector [d] to a scalar. */
export type LogDensityFunction = (position: Tensor) => Tensor;

function traced(logDensity: LogDensityFunction, dimension: number) {
  if (!Number.isInteger(dimension) || dimension < 1)
    throw new UsageError(`A log density needs a dimension of at least 1, not ${dimension}.`);
  const both = (position: Tensor) => {
    const value = logDensity(position);
    if (value.size !== 1)
      throw new UsageError(
        `A log density is one number for one point, not a tensor ${showShape(value.shape)}: sum it.`,
      );
    return [value, gradients(value, [position])[0]!];
  };
  return trace(both as never, [new Spec([dimension])]).graph;
}

/**
 * A log density evaluated in float64 on the host, in place (`runtime/double`). The default: posteriors are small
 * functions evaluated millions of times, and float64 keeps the same seed on the same draws everywhere.
 */
export function doubleTarget(logDensity: LogDensityFunction, dimension: number): Target {
  const plan = planDouble(traced(logDensity, dimension));
  const [value, gradient] = plan.outputs as [Float64Array, Float64Array];
  const at = (point: Float64Array): Evaluation => {
    plan.inputs[0]!.set(point);
    plan.run();
    return { value: value[0]!, gradient: gradient.slice() };
  };
  return { dimension, evaluate: (points) => points.map(at) };
}

/**
 * A log density evaluated by an engine in float32: worth its call only where one evaluation takes milliseconds (many
 * thousand observations). Rounding parts its draws from those of the host after some steps; the law stays the same.
 */
export async function engineTarget(
  logDensity: LogDensityFunction,
  dimension: number,
  runtime: Runtime,
): Promise<Target & { dispose(): Promise<void> }> {
  const executable = await runtime.compile(traced(logDensity, dimension));
  const at = async (point: Float64Array): Promise<Evaluation> => {
    const [value, gradient] = await executable.run([float32(point)]);
    return { value: Number(value!.data[0]), gradient: Float64Array.from(gradient!.data as Float32Array) };
  };
  const evaluate = async (points: readonly Float64Array[]) => {
    const results: Evaluation[] = [];
    for (const point of points) results.push(await at(point));
    return results;
  };
  return { dimension, evaluate, dispose: () => executable.dispose() };
}
