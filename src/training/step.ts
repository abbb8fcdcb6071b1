import type { HostArray } from "../base/host.ts";
import { mapTree, namedLeaves, withLeaves } from "../base/tree.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import type { Named, Params, Phase, TracedParams } from "../models/contract.ts";
import type { Ema, Optimizer, Scalars, Slots } from "../optim/index.ts";

/** What a phase is fed in one step. */
export interface PhaseFeed<T> {
  readonly x: T;
  readonly labels?: T;
  readonly noise: Named<T>;
  readonly scalars: Named<T>;
  readonly learningRate: T;
  /** The optimiser's own scalars (bias corrections). */
  readonly optimizer: Scalars<T>;
}

/** The traced state: parameters, optional average, optimiser state by phase. */
export interface TracedState {
  readonly params: TracedParams;
  readonly ema?: TracedParams;
  readonly optimizer: Named<Slots<Tensor>>;
}

/** What is fed in one step: each phase's inputs by name, and the moving average's scalars. */
export interface StepFeed<T> {
  readonly phases: Named<PhaseFeed<T>>;
  readonly ema?: Scalars<T>;
}

/** The leaves a phase trains, as a flat record by path. */
export function trained<Leaf>(params: unknown, phase: Phase): Record<string, Leaf> {
  const named = namedLeaves<Leaf>(params).filter(({ path }) => phase.trains?.(path) ?? true);
  return Object.fromEntries(named.map(({ path, leaf }) => [path, leaf]));
}

/** Initial optimiser state of all phases. */
export function initOptimizer(params: Params, phases: readonly Phase[], optimizer: Optimizer): Named<Slots<HostArray>> {
  return Object.fromEntries(phases.map((phase) => [phase.name, optimizer.init(trained<HostArray>(params, phase))]));
}

/** What shapes a step beside the model. */
export interface StepOptions {
  readonly optimizer: Optimizer;
  readonly ema?: Ema | undefined;
}

type StepResult = { state: TracedState; metrics: Named<Tensor> };

/**
 * One training step as one graph function: for each phase loss, gradients, clipping and update, then the moving
 * average. Everything random or scheduled is an input.
 */
export function trainingStep(phases: readonly Phase[], options: StepOptions) {
  return (state: TracedState, feed: StepFeed<Tensor>): StepResult => {
    const metrics: Record<string, Tensor> = {};
    let params = state.params;
    const optimizer: Record<string, Slots<Tensor>> = {};
    for (const phase of phases) {
      const result = phaseStep(
        phase,
        params,
        state.optimizer[phase.name]!,
        feed.phases[phase.name]!,
        options.optimizer,
      );
      params = settled(result.params);
      optimizer[phase.name] = result.optimizer;
      const prefix = phases.length > 1 ? `${phase.name}/` : "";
      for (const [name, value] of Object.entries(result.metrics)) metrics[prefix + name] = value;
    }
    const ema = options.ema?.update(state.ema as TracedParams, params, feed.ema ?? {});
    return { state: ema ? { params, ema, optimizer } : { params, optimizer }, metrics };
  };
}

/** Parameters as the next phase finds them: numbers, not functions of what this phase did. */
function settled(params: TracedParams): TracedParams {
  return mapTree<Tensor, Tensor>(params, (leaf) => leaf.stopGradient()) as unknown as TracedParams;
}

function phaseStep(
  phase: Phase,
  params: TracedParams,
  slots: Slots<Tensor>,
  feed: PhaseFeed<Tensor>,
  optimizer: Optimizer,
) {
  const { loss, metrics } = phase.loss(params, feed);
  const leaves: Record<string, Tensor> = trained<Tensor>(params, phase);
  const grads = withLeaves(leaves, gradients(loss, Object.values(leaves))) as unknown as typeof leaves;
  const updated = optimizer.update(grads, slots, leaves, { learningRate: feed.learningRate, scalars: feed.optimizer });
  const merged: unknown = mapTree<Tensor, Tensor>(params, (leaf, path) => updated.params[path] ?? leaf);
  return { params: merged as TracedParams, optimizer: updated.state, metrics: { loss, ...metrics } };
}
