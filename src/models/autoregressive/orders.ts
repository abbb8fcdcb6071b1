import { HostArray } from "../../base/host.ts";
import { fold, type Key } from "../../random/index.ts";
import { drawNoise } from "../bound.ts";

type Floats = HostArray<"float32">;

/** Examples that are generated together, all in one order. */
export interface Group {
  readonly order: number;
  readonly examples: readonly number[];
}

/**
 * Examples 0..count−1 in groups of at most `chunk`. With several orders example i belongs to one drawn by its number, so
 * that batches do not matter; the last group of an order is then filled up by repetition to a power of two, so that few
 * sizes are compiled.
 */
export function groupsByOrder(count: number, chunk: number, orders: number, key: Key): Group[] {
  const drawn = drawNoise("uniform", fold(key, "order"), [count]).data.map((u) => Math.floor(u * orders));
  const members = Array.from({ length: orders }, (): number[] => []);
  drawn.forEach((order, i) => {
    members[order]!.push(i);
  });
  return members.flatMap((all, order) => {
    const groups: Group[] = [];
    for (let start = 0; start < all.length; start += chunk) {
      const examples = all.slice(start, start + chunk);
      groups.push({ order, examples: orders > 1 ? filledUp(examples, chunk) : examples });
    }
    return groups;
  });
}

function filledUp(examples: readonly number[], most: number): number[] {
  const size = Math.min(most, 2 ** Math.ceil(Math.log2(examples.length)));
  return Array.from({ length: size }, (_, i) => examples[Math.min(i, examples.length - 1)]!);
}

/** Uniforms for the values of some examples, [n, size]; an example's depend on its number alone. */
export function uniformsOf(key: Key, examples: readonly number[], size: number): Floats {
  const result = new HostArray("float32", [examples.length, size], new Float32Array(examples.length * size));
  examples.forEach((example, i) => {
    result.data.set(drawNoise("uniform", key, [size], example * size).data, i * size);
  });
  return result;
}
