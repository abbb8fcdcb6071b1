import { UsageError } from "../../../base/errors.ts";

/** Larger than any number of nodes times any vocabulary that fits in memory; a pair of them stays a whole number. */
const MOST_TOKENS = 2 ** 22;
/** What a map of JavaScript holds. */
const MOST_NODES = 2 ** 24 - 2;

/** A list of whole numbers that grows. */
class Numbers {
  values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}

/**
 * n-grams in a tree: a node is the sequence of tokens from the root (node 0) to it. Counts are those Kneser-Ney smoothing
 * wants: of the longest n-grams how often they occur, of shorter ones how many different tokens come before them.
 */
export class NgramCounts {
  readonly order: number;
  private readonly children = new Map<number, number>();
  private readonly parents = new Numbers();
  private readonly lastTokens = new Numbers();
  private readonly depths = new Numbers();
  private readonly totals = new Numbers();

  constructor(order: number) {
    this.order = order;
    this.add(0, 0, 0);
  }

  get size(): number {
    return this.parents.length;
  }

  parent(node: number): number {
    return this.parents.values[node]!;
  }

  token(node: number): number {
    return this.lastTokens.values[node]!;
  }

  depth(node: number): number {
    return this.depths.values[node]!;
  }

  /** How often a longest n-gram occurs; of a shorter one, after `closeCounts`, how many tokens come before it. */
  count(node: number): number {
    return this.totals.values[node]!;
  }

  /** Counts every n-gram of `order` tokens that ends at one of the places `from` to `to` (excluded). */
  addText(tokens: ArrayLike<number>, from: number, to: number): void {
    for (let end = Math.max(from, this.order - 1); end < to; end++) {
      let node = 0;
      for (let at = end - this.order + 1; at <= end; at++) node = this.child(node, tokens[at]!);
      this.totals.values[node]!++;
    }
  }

  /**
   * Counts of the shorter n-grams: each one of k + 1 tokens that occurs counts once for the k after its first; as often as
   * it occurs where `occurrences` says so.
   */
  closeCounts(occurrences = false): void {
    for (let depth = this.order; depth > 1; depth--) {
      const end = this.size;
      for (let node = 1; node < end; node++) {
        if (this.depth(node) !== depth || this.count(node) === 0) continue;
        const shorter = this.path(this.sequence(node).slice(1));
        this.totals.values[shorter]! += occurrences ? this.count(node) : 1;
      }
    }
  }

  /** The tokens of a node. */
  private sequence(node: number): number[] {
    const result: number[] = [];
    for (let at = node; at !== 0; at = this.parent(at)) result.push(this.token(at));
    return result.reverse();
  }

  private path(tokens: readonly number[]): number {
    return tokens.reduce((node, token) => this.child(node, token), 0);
  }

  private child(node: number, token: number): number {
    const name = node * MOST_TOKENS + token;
    const known = this.children.get(name);
    if (known !== undefined) return known;
    const made = this.add(node, token, this.depth(node) + 1);
    this.children.set(name, made);
    return made;
  }

  private add(parent: number, token: number, depth: number): number {
    if (this.size >= MOST_NODES)
      throw new UsageError(
        `This text has more than ${MOST_NODES} different n-grams of up to ${this.order} tokens; choose a lower order.`,
      );
    this.parents.push(parent);
    this.lastTokens.push(token);
    this.depths.push(depth);
    this.totals.push(0);
    return this.size - 1;
  }
}
