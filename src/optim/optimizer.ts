import { type HostArray, zeros } from "../base/host.ts";
import type { Shape } from "../base/shape.ts";
import { leaves, mapTree, namedLeaves, type Tree, withLeaves } from "../base/tree.ts";
import type { Tensor } from "../graph/index.ts";

/** Trees of the parameters' shape, one for each quantity an optimiser remembers: `mean/encoder/0/weight`. */
export type Slots<Leaf> = { readonly [slot: string]: Tree<Leaf> };

/** Scalars an optimiser needs at one step, by name; the host computes them in double precision. */
export type Scalars<Leaf> = { readonly [name: string]: Leaf };

/** What one update is told beside gradients, state and parameters. */
export interface UpdateInputs {
  readonly learningRate: Tensor;
  readonly scalars: Scalars<Tensor>;
}

/** The results of one update. */
export interface Updated<P> {
  readonly params: P;
  readonly state: Slots<Tensor>;
}

/**
 * An optimiser: `init` makes its state on the host, `update` is a graph function over trees. `scalars(step)` are the
 * numbers that change from step to step (bias corrections); `step` counts the updates already made, so the first is 0.
 */
export interface Optimizer {
  readonly name: string;
  init(params: unknown): Slots<HostArray>;
  scalars(step: number): Scalars<HostArray>;
  update<P>(grads: P, state: Slots<Tensor>, params: P, inputs: UpdateInputs): Updated<P>;
}

/** Which parameters something applies to, by path (`encoder/0/weight`) and shape. */
export type Mask = (path: string, shape: Shape) => boolean;

/** One parameter at one update, as a rule sees it. */
export interface LeafUpdate {
  readonly path: string;
  readonly gradient: Tensor;
  readonly param: Tensor;
  readonly slots: Scalars<Tensor>;
}

/** How an optimiser that treats every parameter alike changes one of them. `shared` runs once for each update. */
export interface Rule<Shared> {
  readonly name: string;
  readonly slots: readonly string[];
  scalars?(step: number): Scalars<HostArray>;
  shared(inputs: UpdateInputs): Shared;
  update(leaf: LeafUpdate, shared: Shared): { readonly param: Tensor; readonly slots: Scalars<Tensor> };
}

/** The optimiser that applies a rule to every leaf of the parameter tree; all slots begin at zero. */
export function fromRule<Shared>(rule: Rule<Shared>): Optimizer {
  const forEachSlot = <Leaf>(make: (slot: string) => unknown) =>
    Object.fromEntries(rule.slots.map((slot) => [slot, make(slot) as Tree<Leaf>]));
  return {
    name: rule.name,
    init: (params) => forEachSlot(() => mapTree<HostArray, HostArray>(params, (leaf) => zeros(leaf.dtype, leaf.shape))),
    scalars: (step) => rule.scalars?.(step) ?? {},
    update: <P>(grads: P, state: Slots<Tensor>, params: P, inputs: UpdateInputs): Updated<P> => {
      const shared = rule.shared(inputs);
      const gradients = leaves<Tensor>(grads);
      const slotLeaves = rule.slots.map((slot) => leaves<Tensor>(state[slot]));
      const updated = namedLeaves<Tensor>(params).map(({ path, leaf }, i) => {
        const slots = Object.fromEntries(rule.slots.map((slot, s) => [slot, slotLeaves[s]![i]!]));
        return rule.update({ path, param: leaf, gradient: gradients[i]!, slots }, shared);
      });
      const collect = (pick: (leaf: (typeof updated)[number]) => Tensor) => withLeaves(params, updated.map(pick));
      return {
        params: collect(({ param }) => param) as P,
        state: forEachSlot<Tensor>((slot) => collect(({ slots }) => slots[slot]!)),
      };
    },
  };
}
