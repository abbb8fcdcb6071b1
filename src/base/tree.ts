/**
 * Trees: plain objects and arrays are branches, everything else (a Tensor, a HostArray, a number) is a leaf.
 * `undefined` and `null` are empty branches. The path of a leaf, `encoder/0/weight`, is its name everywhere:
 * in safetensors files, in ONNX models, in error messages.
 */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> };

/** The tree `T` with every leaf of type `From` replaced by `To`. */
export type MapLeaves<T, From, To> = T extends From
  ? To
  : T extends object
    ? { [K in keyof T]: MapLeaves<T[K], From, To> }
    : T;

/** A leaf with its path. */
export interface NamedLeaf<Leaf> {
  readonly path: string;
  readonly leaf: Leaf;
}

function isBranch(value: unknown): value is object {
  if (value === null || value === undefined) return true;
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const join = (path: string, key: string) => (path === "" ? key : `${path}/${key}`);

/** All leaves with their paths, in insertion order. */
export function namedLeaves<Leaf>(tree: unknown, path = ""): NamedLeaf<Leaf>[] {
  if (!isBranch(tree)) return [{ path, leaf: tree as Leaf }];
  return Object.entries(tree ?? {}).flatMap(([key, child]) => namedLeaves<Leaf>(child, join(path, key)));
}

/** All leaves, in insertion order. */
export function leaves<Leaf>(tree: unknown): Leaf[] {
  return namedLeaves<Leaf>(tree).map((named) => named.leaf);
}

/** The same tree with each leaf replaced by `fn(leaf, path)`. */
export function mapTree<From, To, T = unknown>(
  tree: T,
  fn: (leaf: From, path: string) => To,
  path = "",
): MapLeaves<T, From, To> {
  type Result = MapLeaves<T, From, To>;
  if (!isBranch(tree)) return fn(tree as unknown as From, path) as Result;
  if (tree === null || tree === undefined) return tree as unknown as Result;
  if (Array.isArray(tree)) return tree.map((child, i) => mapTree(child, fn, join(path, String(i)))) as Result;
  const entries = Object.entries(tree).map(([key, child]) => [key, mapTree(child, fn, join(path, key))]);
  return Object.fromEntries(entries) as Result;
}

/** The same tree with its leaves taken, in order, from a list of the same length. */
export function withLeaves<To, T = unknown>(tree: T, values: readonly To[]): MapLeaves<T, unknown, To> {
  let next = 0;
  const result = mapTree<unknown, To, T>(tree, () => values[next++]!);
  if (next !== values.length) throw new RangeError(`a tree of ${next} leaves got ${values.length} values`);
  return result as MapLeaves<T, unknown, To>;
}

/** A tree of the same form from the leaves of two at the same places. */
export function zipTrees<A, B, To>(a: Tree<A>, b: Tree<B>, fn: (a: A, b: B) => To): Tree<To> {
  const [left, right] = [leaves<A>(a), leaves<B>(b)];
  if (left.length !== right.length) throw new RangeError(`trees of ${left.length} and ${right.length} leaves`);
  const both = left.map((leaf, i) => fn(leaf, right[i]!));
  return withLeaves<To>(a as unknown, both) as Tree<To>;
}
