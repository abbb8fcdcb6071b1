import type { HostArray } from "../base/host.ts";
import type { MapLeaves, Tree } from "../base/tree.ts";
import type { Tensor } from "../graph/index.ts";
import { fold, type Key } from "../random/index.ts";

/** The tree P of host arrays as it looks while tracing. */
export type Traced<P> = unknown extends P
  ? unknown
  : Tree<HostArray> extends P
    ? Tree<Tensor>
    : MapLeaves<P, HostArray, Tensor>;

/** A layer: `init` makes its parameters on the host, `apply` is a graph function of parameters and inputs. */
export interface Module<P, I extends readonly unknown[] = [Tensor], O = Tensor> {
  init(key: Key): P;
  apply(params: Traced<P>, ...input: I): O;
}

/** A module of any parameters from one tensor to one tensor. */
export type Layer = Module<unknown>;

/** The parameters of a module. */
export type ParamsOf<M> = M extends { init(key: Key): infer P } ? P : never;

type Modules = { readonly [name: string]: { init(key: Key): unknown } };

/** The parameters of several named modules. */
export type ParamsOfAll<M> = { [K in keyof M]: ParamsOf<M[K]> };

/** Parameters of several modules under their names, each from its own key: `{ q: linear(…), k: linear(…) }`. */
export function initAll<M extends Modules>(modules: M, key: Key): ParamsOfAll<M> {
  const entries = Object.entries(modules).map(([name, module]) => [name, module.init(fold(key, name))]);
  return Object.fromEntries(entries) as ParamsOfAll<M>;
}

/** A module without parameters. */
export function stateless(fn: (x: Tensor) => Tensor): Module<Record<never, never>> {
  return { init: () => ({}), apply: (_params, x) => fn(x) };
}

/** Modules one after the other; parameters are a list, so leaves are named `0/weight`, `2/bias`. */
export function sequential<const L extends readonly Layer[]>(
  ...layers: L
): Module<{ -readonly [I in keyof L]: ParamsOf<L[I]> }> {
  return {
    init: (key) => layers.map((layer, i) => layer.init(fold(key, i))) as { -readonly [I in keyof L]: ParamsOf<L[I]> },
    apply: (params, x) => layers.reduce((y, layer, i) => layer.apply((params as readonly unknown[])[i], y), x),
  };
}

/** x + f(x), with the input passed through `shortcut` where shapes differ. He et al. 2016, arXiv 1512.03385. */
export function residual<B, S = Record<never, never>>(
  body: Module<B>,
  shortcut?: Module<S>,
): Module<{ body: B; shortcut?: S }> {
  return {
    init: (key) => ({
      body: body.init(fold(key, "body")),
      ...(shortcut && { shortcut: shortcut.init(fold(key, "shortcut")) }),
    }),
    apply: (params, x) => {
      const { body: b, shortcut: s } = params as unknown as { body: Traced<B>; shortcut: Traced<S> };
      return (shortcut ? shortcut.apply(s, x) : x).add(body.apply(b, x));
    },
  };
}
