import { describe, expect, it } from "vitest";
import { gradients, interpret, Spec, type Tensor, trace } from "../../graph/index.ts";
import { type Case, numbers, tracedDType } from "../../graph/testing/case.ts";
import { primitiveCases } from "../../graph/testing/cases.ts";
import { assertClose, results } from "../../graph/testing/check.ts";
import { planDouble } from "./plan.ts";

const asNumbers = (data: ArrayLike<number | bigint>) => Float64Array.from(data, Number);

const isFloat = ({ dtype }: { dtype: string }) => dtype === "float32" || dtype === "float64";

/** The results of a case and, where it has one, the gradient of the sum of their squares. */
function withGradient(c: Case): (...args: Tensor[]) => Tensor[] {
  return (...args) => {
    const made = [...results(c, args)];
    const floats = made.filter(isFloat);
    const wanted = args.filter(isFloat);
    if (c.orders === 0 || floats.length === 0 || wanted.length === 0) return made;
    const sum = floats.map((y) => y.square().sum()).reduce((total, term) => total.add(term));
    return [...made, ...gradients(sum, wanted)];
  };
}

function expectReference(c: Case): void {
  const specs = c.args.map((arg) => new Spec(arg.shape, tracedDType(arg)));
  const { graph } = trace(withGradient(c) as never, specs);
  const plan = planDouble(graph);
  for (const scale of [1, 0.75]) {
    const args = c.args.map((arg, i) => {
      const factor = isFloat(arg) ? scale : 1;
      return { shape: arg.shape, dtype: specs[i]!.dtype, data: asNumbers(arg.data).map((x) => x * factor) };
    });
    args.forEach(({ data }, i) => {
      plan.inputs[i]!.set(data);
    });
    plan.run();
    interpret(graph, args).forEach(({ data }, i) => {
      assertClose(plan.outputs[i]!, data, 1e-9, `${c.op}, ${c.title}: result ${i}`);
    });
  }
}

describe("a graph planned in float64", () => {
  it("computes every primitive and its gradient as the reference does, at every run", () => {
    // Convolutions have no form of their own here: they are evaluated by the reference itself.
    for (const c of primitiveCases) if (!/^conv|Pool/.test(c.op)) expectReference(c);
  });

  it("does not read its inputs' old values, nor share results between runs with other inputs", () => {
    const { graph } = trace((x: Tensor) => x.exp().sum().add(x.gather(0)), [new Spec([5])]);
    const plan = planDouble(graph);
    const seen = [1, 2, 3].map((seed) => {
      plan.inputs[0]!.set(numbers(seed, 5));
      plan.run();
      return plan.outputs[0]![0]!;
    });
    seen.forEach((value, i) => {
      const x = numbers(i + 1, 5);
      expect(value).toBeCloseTo(x.reduce((sum, v) => sum + Math.exp(v), 0) + x[0]!, 12);
    });
  });
});
