import { UsageError } from "../../base/errors.ts";
import { HostArray, int64 } from "../../base/host.ts";
import type { Tree } from "../../base/tree.ts";
import type { Tensor } from "../../graph/index.ts";
import type { Bound } from "../bound.ts";
import type { GraphFunction, Named, TokenReader, TracedParams } from "../contract.ts";
import type { Generator } from "./generate.ts";

/** Inputs of one step: the token read last, how many were read, and what is kept of them. */
interface StepInputs<T> {
  readonly previous: T;
  readonly position: T;
  readonly state: Tree<T>;
}

interface Step {
  readonly logits: HostArray<"float32">;
  readonly state?: Tree<HostArray>;
}

/**
 * Readers of a model of tokens: one step of its cached generation for each token. The first token is given, so steps
 * begin at position 1; a model must not count on one at position 0.
 */
export function batchReader(g: Generator): (on: Bound, batch: number) => TokenReader {
  const apply = (params: TracedParams, inputs: Named<Tensor>) => {
    const { previous, position, state } = inputs as unknown as StepInputs<Tensor>;
    return g.cached.step(params, state, { position, previous }) as unknown as Named<Tensor>;
  };
  const step: GraphFunction = { doc: "", inputs: () => ({}), noise: {}, apply };
  return (on, batch) => {
    const context = g.size - 1;
    let state: Tree<HostArray> = g.cached.state(batch);
    let count = 0;
    const readOne = async (tokens: Float32Array): Promise<HostArray<"float32">> => {
      const previous = new HostArray("float32", [batch], tokens);
      const inputs: StepInputs<HostArray> = { previous, position: int64([++count], []), state };
      const next = (await on.run(step, inputs as unknown as Named<HostArray>)) as unknown as Step;
      state = next.state ?? {};
      return next.logits;
    };
    const read = async (texts: readonly ArrayLike<number>[]): Promise<HostArray<"float32">> => {
      const further = texts[0]?.length ?? 0;
      if (texts.length !== batch || further === 0 || texts.some(({ length }) => length !== further))
        throw new UsageError(`A reader of ${batch} texts takes the same number of tokens of each, at least one.`);
      if (count + further > context)
        throw new UsageError(`The model looks back on ${context} tokens; ${count + further} do not fit.`);
      let logits: HostArray<"float32"> | undefined;
      for (let i = 0; i < further; i++) logits = await readOne(Float32Array.from(texts, (text) => text[i]!));
      return logits!;
    };
    return { context, read };
  };
}
