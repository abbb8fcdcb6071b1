import { describe, expect, it } from "vitest";
import { evaluate, f64, reference } from "../../../tests/support/reference.ts";
import { graphNodes } from "../graph.ts";
import { gradients, input, loop, scan, type Tensor, trace } from "../index.ts";
import { pruneScans } from "../passes/prune-scans.ts";
import { floats } from "../testing/case.ts";

const tensor = (...shape: number[]) => input({ shape, dtype: "float32" });
const scansOf = (graph: Parameters<typeof graphNodes>[0]) => graphNodes(graph).filter(({ op }) => op.name === "scan");

/** Loss and weight gradient of a small recurrent network. */
function recurrent(xs: Tensor, w: Tensor, b: Tensor): Tensor[] {
  const init = xs.slice(0, 0, 1).reshape(xs.shape.slice(1));
  const { ys } = scan(
    (h: Tensor, x: Tensor) => {
      const next = h.matmul(w).add(b).add(x).tanh();
      return { carry: next, y: next };
    },
    { init, xs },
  );
  const loss = ys.square().sum();
  return [loss, ...gradients(loss, [w, b])];
}

const args = [floats([6, 2, 3]), floats([3, 3], -1, 1, 2), floats([3], -1, 1, 3)];

describe("scan", () => {
  it("captures what the body hands on as it got it instead of carrying it", () => {
    const fn = (x: Tensor, table: Tensor) => {
      const init = { sum: x.slice(0, 0, 1).squeeze(0), table };
      const body = (c: typeof init, row: Tensor) => ({
        carry: { sum: c.sum.add(row.mul(c.table)), table: c.table },
        y: c.sum,
      });
      const { carry, ys } = scan(body, { init, xs: x });
      return [carry.sum, carry.table, ys];
    };
    const [node] = scansOf(trace(fn as never, [tensor(3, 2), tensor(2)]).graph);
    expect(node!.attrs.carries).toBe(1);
    const [x, table] = [floats([3, 2]), floats([2])];
    const loose = (a: Tensor, b: Tensor) => fn(a, b)[0]!;
    const [x0, x1] = [x.data[0]!, x.data[1]!].map(Number) as [number, number];
    const column = (j: number) =>
      [0, 1, 2].reduce((sum, i) => sum + Number(x.data[2 * i + j]) * Number(table.data[j]), 0);
    const found = evaluate(loose, x, table);
    expect(found[0]).toBeCloseTo(x0 + column(0), 6);
    expect(found[1]).toBeCloseTo(x1 + column(1), 6);
  });

  it("traces trees and gives back trees", () => {
    const fn = (x: Tensor) =>
      scan((c: { a: Tensor }, { t }: { t: Tensor }) => ({ carry: { a: c.a.add(t) }, y: { before: c.a } }), {
        init: { a: x.slice(0, 0, 1).reshape([]) },
        xs: { t: x },
      });
    const { carry, ys } = reference(fn)(f64([1, 2, 3])) as unknown as {
      carry: { a: { data: number[] } };
      ys: { before: { data: number[] } };
    };
    expect([...carry.a.data]).toEqual([7]);
    expect([...ys.before.data]).toEqual([1, 2, 4]);
  });

  it("computes what does not depend on the step once, outside", () => {
    const fn = (x: Tensor, w: Tensor) =>
      scan((c: Tensor) => ({ carry: c.add(w.exp().sum()) }), { init: x, length: 3 }).carry;
    const { graph } = trace(fn as never, [f64([1], []), f64([1, 2])]);
    const [node] = scansOf(graph);
    expect(graphNodes(node!.attrs.body as typeof graph).map(({ op }) => op.name)).not.toContain("exp");
    expect(graphNodes(graph).map(({ op }) => op.name)).toContain("exp");
  });

  it("keeps nothing but the carries when it is asked to compute the rest again, for the same gradient", () => {
    const loss = (recompute: boolean) => (xs: Tensor, w: Tensor) => {
      const init = xs.slice(0, 0, 1).reshape([2, 3]);
      const body = (h: Tensor, x: Tensor) => ({ carry: h.matmul(w).sigmoid().exp().add(x).tanh(), y: h.sum() });
      const { carry, ys } = scan(body, { init, xs, recompute });
      return gradients(carry.square().sum().add(ys.sum()), [xs, w]);
    };
    const both = [loss(false), loss(true)].map((fn) => reference(fn)(args[0]!, args[1]!));
    const [kept, again] = both as unknown as { data: number[] }[][];
    again!.forEach(({ data }, i) => {
      for (const [j, value] of data.entries()) expect(value).toBeCloseTo(kept![i]!.data[j]!, 12);
    });
    const outputs = [loss(false), loss(true)].map(
      (fn) => scansOf(pruneScans(trace(fn as never, args.slice(0, 2)).graph))[0]!.outputs.length,
    );
    expect(outputs[1]!).toBeLessThan(outputs[0]!);
  });

  it("forms the gradients of weights and biases after the loop: only the hidden state is carried back", () => {
    const graph = pruneScans(trace(recurrent as never, args).graph);
    const scans = scansOf(graph);
    expect(scans.map(({ attrs }) => attrs.carries)).toEqual([1, 1]);
    const products = scans.map(({ attrs }) =>
      graphNodes(attrs.body as typeof graph).filter(({ op }) => op.name === "matmul"),
    );
    expect(products.map((list) => list.length)).toEqual([1, 1]);
  });

  it("computes what depends on xs alone for all steps at once, before the loop", () => {
    const fn = (xs: Tensor, u: Tensor, w: Tensor) => {
      const body = (h: Tensor, x: Tensor) => ({ carry: h.matmul(w).add(x.matmul(u).sigmoid()) });
      return scan(body, { init: xs.slice(0, 0, 1).reshape([2, 3]), xs }).carry;
    };
    const given = [floats([4, 2, 3]), floats([3, 3], -1, 1, 2), floats([3, 3], -1, 1, 3)];
    const { graph } = trace(fn as never, given);
    const [node] = scansOf(graph);
    const inLoop = graphNodes(node!.attrs.body as typeof graph).map(({ op }) => op.name);
    expect(inLoop.filter((name) => name === "matmul").length).toBe(1);
    expect(inLoop).not.toContain("sigmoid");
  });

  it("multiplies by known factors once in the reversed loop, however many there are", () => {
    const fn = (xs: Tensor, w: Tensor) => {
      const body = (h: Tensor, x: Tensor) => ({ carry: h.matmul(w).mul(x).mul(x.exp()).tanh() });
      const y = scan(body, { init: xs.slice(0, 0, 1).reshape([2, 3]), xs }).carry;
      return gradients(y.sum(), [w]);
    };
    const graph = pruneScans(trace(fn as never, [floats([4, 2, 3]), floats([3, 3], -1, 1, 2)]).graph);
    const reversed = scansOf(graph).find(({ attrs }) => attrs.reverse)!;
    const inLoop = graphNodes(reversed.attrs.body as typeof graph).map(({ op }) => op.name);
    expect(inLoop.filter((name) => name === "mul").length).toBe(1);
  });

  it("keeps, once pruned, only outputs that are used, and the same values", () => {
    const { graph } = trace(recurrent as never, args);
    const pruned = pruneScans(graph);
    const used = new Set([
      ...graphNodes(pruned).flatMap(({ inputs }) => inputs),
      ...pruned.outputs.map(({ tensor: t }) => t),
    ]);
    const offered = scansOf(pruned).flatMap(({ outputs, attrs }) => outputs.slice(attrs.carries as number));
    expect(offered.every((output) => used.has(output))).toBe(true);
    expect(scansOf(graph)[0]!.outputs.length).toBeGreaterThan(scansOf(pruned)[0]!.outputs.length);
  });

  it("drops carries nobody needs, but keeps those that feed others", () => {
    const fn = (x: Tensor) => {
      const init = { a: x, b: x, c: x };
      const body = ({ a, b, c }: typeof init) => ({ carry: { a: a.add(b), b: b.mul(2), c: c.add(1) } });
      return scan(body, { init, length: 3 }).carry.a;
    };
    const { graph } = trace(fn as never, [f64([1], [])]);
    expect(scansOf(pruneScans(graph))[0]!.attrs.carries).toBe(2);
    expect(evaluate(fn, f64([1], []))).toEqual([1 + 1 + 2 + 4]);
  });

  it("says what does not fit", () => {
    const same = (c: Tensor) => ({ carry: c });
    expect(() => scan(same, { init: tensor(2) })).toThrow(/give xs or length/);
    expect(() => scan(same, { init: tensor(2), length: 0 })).toThrow(/must be positive/);
    expect(() => scan(same, { init: tensor(2), xs: tensor() })).toThrow(/first axis/);
    expect(() => scan(same, { init: tensor(2), xs: [tensor(3), tensor(4)] })).toThrow(/disagree.*3, 4/);
    expect(() => scan((c: Tensor) => ({ carry: c.sum() }), { init: tensor(2), length: 2 })).toThrow(
      /enters the body as float32\[2\] but leaves as float32\[\]/,
    );
    expect(() =>
      scan((c: { h: Tensor }) => ({ carry: { g: c.h } as never }), { init: { h: tensor(2) }, length: 2 }),
    ).toThrow(/enters the body as h but leaves as g/);
  });
});

describe("loop", () => {
  it("says what does not fit", () => {
    const stop = (_i: Tensor, c: Tensor) => ({ carry: c, continue: c.sum().less(1) });
    expect(() => loop(stop, { init: tensor(2), count: 0 })).toThrow(/positive integer/);
    expect(() => loop((i, c: Tensor) => ({ ...stop(i, c), y: c }), { init: tensor(2), count: 2 })).toThrow(
      /cannot return ys/,
    );
    expect(() => loop((_i, c: Tensor) => ({ carry: c, continue: c.less(1) }), { init: tensor(2), count: 2 })).toThrow(
      /bool scalar/,
    );
  });

  it("refuses a gradient", () => {
    const fn = (x: Tensor) =>
      gradients(loop((_i, c: Tensor) => ({ carry: c.mul(x) }), { init: x, count: 3 }).carry.sum(), [x]);
    expect(() => fn(tensor(2))).toThrow(/no gradient flows through loop/);
  });
});
