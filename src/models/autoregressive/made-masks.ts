import { HostArray, int64 } from "../../base/host.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import { fold, type Key, randomInts } from "../../random/index.ts";
import { ranksOf } from "./positions.ts";

/** One set of masks: an order of the variables and, for each hidden layer, how many variables each unit may see. */
export interface MaskSet {
  /** order[k] is the place of the variable that comes k-th. */
  readonly order: Uint32Array;
  /** degrees[l][j] = m: unit j of layer l sees the first m variables of the order; 1 to D − 1. */
  readonly degrees: readonly Uint32Array[];
}

/** How mask sets differ. */
export interface MaskSetOptions {
  readonly key: Key;
  /** Number of sets. */
  readonly masks: number;
  /** The orders they take in turn. */
  readonly orders: readonly Uint32Array[];
  /** How far a unit's degree strays from the one it has in the first set; drawn anew for each set where left out. */
  readonly spread?: number;
}

/**
 * Mask sets drawn by key: set i takes order i mod the number of orders, and degrees of its own, uniform from the least
 * degree of the layer before to D − 1 (Germain et al. 2015, section 4), or those of set 0 shifted by −spread to spread.
 */
export function drawMaskSets(
  size: number,
  hidden: readonly number[],
  { key, masks, orders, spread }: MaskSetOptions,
): MaskSet[] {
  const most = Math.max(1, size - 1);
  const drawn = (own: Key, least: number, units: number) =>
    Uint32Array.from(randomInts(own, least, Math.max(least, most) + 1, [units]).data, Number);
  const shifted = (own: Key, least: number, from: Uint32Array) => {
    const shifts = randomInts(own, -spread!, spread! + 1, [from.length]).data;
    return from.map((degree, j) => Math.max(least, Math.min(most, degree + Number(shifts[j]!))));
  };
  const sets: MaskSet[] = [];
  for (let i = 0; i < masks; i++) {
    let least = 1;
    const degrees = hidden.map((units, layer) => {
      const own = fold(fold(fold(key, "degrees"), i), layer);
      const first = sets[0]?.degrees[layer];
      const found = first && spread !== undefined ? shifted(own, least, first) : drawn(own, least, units);
      least = found.reduce((a, b) => Math.min(a, b));
      return found;
    });
    sets.push({ order: orders[i % orders.length]!, degrees });
  }
  return sets;
}

/** The masks of one set in a graph, made from degrees where they are used; 1 where a weight counts. */
export interface Masks {
  /** [inputs, outputs] of hidden layer l: a unit of degree m sees the first m variables, or units of at most its degree. */
  readonly hidden: (layer: number) => Tensor;
  /** [H, D]: the k-th variable sees units of degree at most k. */
  readonly output: () => Tensor;
  /** [D, D]: a variable sees those before it. */
  readonly direct: () => Tensor;
}

/** The masks of the set with that number (int64 scalar); the only set's where it is left out. */
export function masksOf(sets: readonly MaskSet[], number?: Tensor): Masks {
  const pick = (lists: readonly Uint32Array[]) => {
    const all = constant(floats(lists));
    return number ? all.gather(number, 0) : all.slice(0, 0, 1).squeeze(0);
  };
  const ranks = () => pick(sets.map(({ order }) => ranksOf(order)));
  const degrees = (layer: number) => pick(sets.map((set) => set.degrees[layer]!));
  /** A variable of rank r is what units of degree above r see. */
  const before = (layer: number) => (layer === 0 ? ranks().add(1) : degrees(layer - 1));
  const atMost = (from: Tensor, to: Tensor) => from.expandDims(1).lessEqual(to.expandDims(0)).cast("float32");
  return {
    hidden: (layer) => atMost(before(layer), degrees(layer)),
    output: () => atMost(before(sets[0]!.degrees.length), ranks()),
    direct: () => atMost(ranks().add(1), ranks()),
  };
}

const floats = (lists: readonly Uint32Array[]) =>
  new HostArray(
    "float32",
    [lists.length, lists[0]!.length],
    Float32Array.from(lists.flatMap((list) => Array.from(list))),
  );

/** The units of a layer by degree, as tables [sets, D, most of one degree]: their numbers, and 1 where there is one. */
export interface UnitsByDegree {
  readonly numbers: HostArray<"int64">;
  readonly present: HostArray<"float32">;
}

/** The units of each degree of a layer, for all sets. */
export function unitsByDegree(sets: readonly MaskSet[], layer: number): UnitsByDegree {
  const size = sets[0]!.order.length;
  const lists = sets.map(({ degrees }) => {
    const byDegree = Array.from({ length: size }, (): number[] => []);
    degrees[layer]!.forEach((degree, unit) => {
      byDegree[degree]?.push(unit);
    });
    return byDegree;
  });
  const most = Math.max(1, ...lists.flat().map((units) => units.length));
  const padded = (of: (units: readonly number[], i: number) => number) =>
    lists.flat().flatMap((units) => Array.from({ length: most }, (_, i) => of(units, i)));
  const numbers = padded((units, i) => units[i] ?? 0);
  const present = padded((units, i) => Number(i < units.length));
  const shape = [sets.length, size, most];
  return { numbers: int64(numbers, shape), present: new HostArray("float32", shape, Float32Array.from(present)) };
}
