import { describe, expect, it } from "vitest";
import { dagFrom } from "../graph/index.ts";
import { cpdagOf, edgesOf } from "./pdag.ts";
import { apply, copied, covered, put, reversal, type Search, type State } from "./search-state.ts";

const N = 4;
const search: Search = {
  n: N,
  local: () => 0,
  required: new Uint8Array(N * N),
  forbidden: new Uint8Array(N * N),
  maxParents: N,
  marks: Float64Array.from({ length: N * N }, (_, i) => 2 ** i),
};

/** The structure whose arrows are the bits of a number: bit from·n + to. */
function stateOf(bits: number): State {
  const state: State = {
    parents: Array.from({ length: N }, () => []),
    arrows: new Uint8Array(N * N),
    score: 0,
    mark: 0,
  };
  for (let at = 0; at < N * N; at++) if (bits & (1 << at)) put(search, state, Math.floor(at / N), at % N);
  return state;
}

/** The completed graph of a structure, or undefined where it has a cycle. */
function classOf({ parents }: State): string | undefined {
  try {
    const dag = dagFrom(parents.map((list, i) => [`v${i}`, list.map((p) => `v${p}`)] as const));
    return JSON.stringify(edgesOf(cpdagOf(dag)));
  } catch {
    return undefined;
  }
}

/** All 543 DAGs over four nodes by their number, in classes of one completed graph. */
function classes(): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (let bits = 0; bits < 2 ** (N * N); bits++) {
    const loops = Array.from({ length: N }, (_, i) => 1 << (i * N + i)).some((loop) => bits & loop);
    const same = loops ? undefined : classOf(stateOf(bits));
    if (same === undefined) continue;
    found.set(same, [...(found.get(same) ?? []), bits]);
  }
  return found;
}

/** Every structure that reversals of covered arrows lead to. */
function reached(from: number): number[] {
  const seen = new Set([from]);
  for (const bits of seen) {
    const state = stateOf(bits);
    for (const [a, b] of covered(search, state)) {
      const next = copied(state);
      apply(search, next, reversal(search, next, a, b));
      seen.add(next.mark);
    }
  }
  return [...seen].sort((a, b) => a - b);
}

describe("covered arrows", () => {
  it("lead, reversed, from each DAG over four nodes to all that are equivalent and to no other", () => {
    const all = classes();
    expect([...all.values()].flat().length).toBe(543);
    expect(all.size).toBe(185);
    for (const members of all.values()) for (const bits of members) expect(reached(bits)).toEqual(members);
  });

  it("are none where an arrow is required or its reversal forbidden", () => {
    const state = stateOf(1 << 1);
    const only = (name: "required" | "forbidden", at: number) => {
      const marked = new Uint8Array(N * N);
      marked[at] = 1;
      return covered({ ...search, [name]: marked }, state);
    };
    expect(covered(search, state)).toEqual([[0, 1]]);
    expect(only("required", 1)).toEqual([]);
    expect(only("forbidden", N)).toEqual([]);
  });
});
