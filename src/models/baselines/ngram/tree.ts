import { DataError } from "../../../base/errors.ts";
import { HostArray } from "../../../base/host.ts";
import type { Params } from "../../contract.ts";

/**
 * An n-gram model: node 0 is the empty context, a node's children stand one after the other in the order of their tokens.
 * p(w|h) = weight(hw) + backoff(h)·p(w|h′) with h′ = h without its first token, and 1/V below the empty context.
 */
export interface NgramTree {
  /** The last token of each node. */
  readonly token: Float32Array;
  /** Number of children of each node; those of node i begin where those of the nodes before it end, at 1 for node 0. */
  readonly children: Float32Array;
  /** What the node's n-gram has of its own in p(last token | the others). */
  readonly weight: Float32Array;
  /** The share of shorter contexts in what follows the node. */
  readonly backoff: Float32Array;
}

const fields = ["token", "children", "weight", "backoff"] as const;

/** The tree as a model's parameters. */
export function paramsOf(tree: NgramTree): Params {
  const leaf = (values: Float32Array) => new HostArray("float32", [values.length], values);
  return Object.fromEntries(fields.map((name) => [name, leaf(tree[name])]));
}

/** Answers what follows what. Made once from parameters, then asked for every token. */
export class NgramReader {
  private readonly tree: NgramTree;
  private readonly firsts: Int32Array;
  readonly levels: number;
  readonly order: number;

  constructor(params: Params, levels: number, order: number) {
    const named = params as unknown as Readonly<Record<keyof NgramTree, HostArray<"float32">>>;
    this.tree = Object.fromEntries(fields.map((name) => [name, named[name].data])) as unknown as NgramTree;
    this.levels = levels;
    this.order = order;
    this.firsts = new Int32Array(this.tree.children.length + 1);
    this.firsts[0] = 1;
    this.tree.children.forEach((count, node) => {
      this.firsts[node + 1] = this.firsts[node]! + count;
    });
    const size = this.tree.token.length;
    if (fields.some((name) => this.tree[name].length !== size) || this.firsts[size] !== size)
      throw new DataError(
        "The n-grams are damaged: their tables do not fit together; restore the checkpoint from a copy.",
      );
  }

  /** The node of a context's token after a node, −1 where there is none: by bisection among its children. */
  private child(node: number, token: number): number {
    let low = this.firsts[node]!;
    let high = this.firsts[node + 1]!;
    const end = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tree.token[middle]! < token) low = middle + 1;
      else high = middle;
    }
    return low < end && this.tree.token[low] === token ? low : -1;
  }

  /** The node of the `length` tokens before `end`, −1 where they never occurred. */
  private context(tokens: ArrayLike<number>, end: number, length: number): number {
    let node = 0;
    for (let at = end - length; at < end && node !== -1; at++) node = this.child(node, tokens[at]!);
    return node;
  }

  /** p(token at `place` | the tokens before it), from the shortest context to the longest. */
  probability(tokens: ArrayLike<number>, place: number): number {
    let p = 1 / this.levels;
    for (let length = 0; length < Math.min(this.order, place + 1); length++) {
      const node = this.context(tokens, place, length);
      if (node === -1) break;
      const own = this.child(node, tokens[place]!);
      p = p * this.tree.backoff[node]! + (own === -1 ? 0 : this.tree.weight[own]!);
    }
    return p;
  }

  /** Probabilities of every token at `place`; they sum to one. */
  probabilities(tokens: ArrayLike<number>, place: number): Float64Array {
    const p = new Float64Array(this.levels).fill(1 / this.levels);
    for (let length = 0; length < Math.min(this.order, place + 1); length++) {
      const node = this.context(tokens, place, length);
      if (node === -1) break;
      const share = this.tree.backoff[node]!;
      for (let w = 0; w < p.length; w++) p[w]! *= share;
      for (let i = this.firsts[node]!; i < this.firsts[node + 1]!; i++) p[this.tree.token[i]!]! += this.tree.weight[i]!;
    }
    return p;
  }
}
