import { describe, expect, test } from "vitest";
import { castHost, float32, type HostArray } from "../base/host.ts";
import { gradients, interpret, Spec, type Tensor, trace } from "../graph/index.ts";
import { toNd } from "../graph/interpret.ts";
import { type Case, tracedDType } from "../graph/testing/case.ts";
import { primitiveCases } from "../graph/testing/cases.ts";
import { assertClose, results } from "../graph/testing/check.ts";
import { decode, emit, emitForAnyBatch, importModel, portableDevice } from "./index.ts";
import { operators } from "./operators.ts";

const options = { device: portableDevice };

/** The table's cases whose models use imported operators only, without several outputs of normalisation and pooling. */
function importable(bytes: Uint8Array): boolean {
  return decode(bytes).graph.nodes.every(({ op }) => op in operators && op !== "MaxPool");
}

function emitted(c: Case, args: readonly HostArray[]) {
  const { graph } = trace(((...tensors: Tensor[]) => results(c, tensors)) as never, args);
  return { graph, bytes: emit(graph, options) };
}

describe("importModel", () => {
  test("gives back what was emitted, for every primitive whose operators it knows", () => {
    const covered = new Set<string>();
    for (const c of primitiveCases) {
      if (c.referenceOnly !== undefined) continue;
      const args = c.args.map((arg) => castHost(arg, tracedDType(arg)));
      const { graph, bytes } = emitted(c, args);
      if (!importable(bytes)) continue;
      const [expected, actual] = [graph, importModel(bytes)].map((g) => interpret(g, args.map(toNd)));
      expected!.forEach((wanted, i) => {
        expect(actual![i]!.shape, `${c.op}: ${c.title}`).toEqual(wanted.shape);
        assertClose(actual![i]!.data, wanted.data, 2e-6, `${c.op}: ${c.title}`);
      });
      covered.add(c.op);
    }
    expect(covered.size).toBeGreaterThan(55);
  });

  test("fixes free dimensions, with the numbers computed from them", () => {
    const fn = (x: Tensor) => ({ y: x.reshape([2 * x.shape[0]!, 6]).sub(x.mean()) });
    const bytes = emitForAnyBatch(fn as never, { args: (batch) => [new Spec([batch, 3, 4])] });
    const imported = importModel(bytes, { dimensions: { batch: 3 } });
    const x = float32(
      Array.from({ length: 36 }, (_, i) => Math.cos(i)),
      [3, 3, 4],
    );
    const expected = interpret(trace(fn as never, [x]).graph, [toNd(x)])[0]!;
    const actual = interpret(imported, [toNd(x)])[0]!;
    expect(actual.shape).toEqual([6, 6]);
    assertClose(actual.data, expected.data, 1e-6, "y");
    expect(() => importModel(bytes)).toThrow(/free dimension "batch"; give its size/);
  });

  test("gives a graph that can be differentiated", () => {
    const { graph } = trace(((x: Tensor) => ({ y: x.square().sum() })) as never, [new Spec([3])]);
    const imported = importModel(emit(graph, options));
    const [x] = imported.inputs;
    const [slope] = gradients(imported.outputs[0]!.tensor, [x!.tensor]);
    const values = interpret({ inputs: imported.inputs, outputs: [{ name: "g", tensor: slope! }] }, [
      toNd(float32([1, 2, -3])),
    ]);
    expect([...values[0]!.data]).toEqual([2, 4, -6]);
  });

  test("names the operator and node it does not know", () => {
    const loop =
      primitiveCases.find(({ op, orders }) => op === "loop" && orders !== undefined) ??
      primitiveCases.find(({ op }) => op === "loop")!;
    const { bytes } = emitted(
      loop,
      loop.args.map((arg) => castHost(arg, tracedDType(arg))),
    );
    expect(() => importModel(bytes)).toThrow(
      /Cannot import Loop \(node "loop_\d+"\): Sampo does not know this operator/,
    );
  });
});
