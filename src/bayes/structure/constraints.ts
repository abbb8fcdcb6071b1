import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { dagFrom, topologicalOrder } from "../graph/index.ts";

/** An arrow by names. */
export type Arrow = readonly [from: string, to: string];

/** What a structure must have and must not have. */
export interface Constraints {
  /** The most parents a node may have. */
  readonly maxParents?: number;
  /** Arrows that must be there. */
  readonly required?: readonly Arrow[];
  /** Arrows that must not be there; the other direction may. */
  readonly forbidden?: readonly Arrow[];
}

/** Arrows as a matrix [from · n + to] of ones; throws for unknown names and arrows from a node to itself. */
function arrowsOf(names: readonly string[], arrows: readonly Arrow[] = []): Uint8Array {
  const matrix = new Uint8Array(names.length ** 2);
  for (const [from, to] of arrows) {
    const places = [from, to].map((name) => {
      if (!names.includes(name)) throw new UsageError(unknownName("variable", name, names));
      return names.indexOf(name);
    });
    if (from === to) throw new UsageError(`An arrow from "${from}" to itself makes a cycle.`);
    matrix[places[0]! * names.length + places[1]!] = 1;
  }
  return matrix;
}

/** Constraints by places; throws where they contradict themselves: a cycle of required arrows, or one also forbidden. */
export function checkedConstraints(names: readonly string[], constraints: Constraints) {
  const [required, forbidden] = [arrowsOf(names, constraints.required), arrowsOf(names, constraints.forbidden)];
  const n = names.length;
  const { maxParents = Number.POSITIVE_INFINITY } = constraints;
  if (!(maxParents >= 0)) throw new UsageError(`The most parents of a node are a number from 0 on; got ${maxParents}.`);
  required.forEach((one, at) => {
    if (one && forbidden[at])
      throw new UsageError(
        `The arrow ${names[Math.floor(at / n)]} → ${names[at % n]} is both required and forbidden; keep one.`,
      );
  });
  const parents = names.map((_, child) => names.filter((__, p) => required[p * n + child]));
  const crowded = parents.findIndex((list) => list.length > maxParents);
  if (crowded >= 0)
    throw new UsageError(
      `"${names[crowded]}" has ${parents[crowded]!.length} required parents, more than the ${maxParents} allowed.`,
    );
  const dag = dagFrom(names.map((name, i) => [name, parents[i]!] as const));
  try {
    topologicalOrder(dag);
  } catch (error) {
    throw new UsageError(`The required arrows make a cycle: ${(error as Error).message}`);
  }
  return { required, forbidden, maxParents, start: dag };
}
