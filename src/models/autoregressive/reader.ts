import { UsageError } from "../../base/errors.ts";
import { HostArray, int64 } from "../../base/host.ts";
import type { Tree } from "../../base/tree.ts";
import { arange, scan, type Tensor } from "../../graph/index.ts";
import type { Bound } from "../bound.ts";
import type { GraphFunction, Named, TokenReader, TracedParams } from "../contract.ts";
import type { Generator } from "./window.ts";

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

/** Tokens read in one run of the engine; what is left of a text is read one by one. */
const BLOCK = 16;

/** A block of steps in the engine, [BLOCK, batch] tokens from `position` on; the logits are those after the last. */
function readBlock(g: Generator, params: TracedParams, inputs: StepInputs<Tensor>): Named<Tensor> {
  const { position, state } = inputs;
  type Read = { previous: Tensor; at: Tensor };
  const body = (kept: Tree<Tensor>, { previous, at }: Read) => {
    const next = g.cached.step(params, kept, { position: position.add(at), previous });
    return { carry: next.state, y: next.logits };
  };
  const { carry, ys } = scan(body, { init: state, xs: { previous: inputs.previous, at: arange(BLOCK) } });
  return { logits: ys.slice(0, BLOCK - 1, BLOCK).squeeze(0), state: carry } as unknown as Named<Tensor>;
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
  const block: GraphFunction = {
    ...step,
    apply: (params, inputs) => readBlock(g, params, inputs as unknown as StepInputs<Tensor>),
  };
  return (on, batch) => {
    const context = g.size - 1;
    let state: Tree<HostArray> = g.cached.state(batch);
    let count = 0;
    const readSome = async (fn: GraphFunction, tokens: Float32Array, shape: readonly number[]) => {
      const previous = new HostArray("float32", shape, tokens);
      const inputs: StepInputs<HostArray> = { previous, position: int64([count + 1], []), state };
      const next = (await on.run(fn, inputs as unknown as Named<HostArray>)) as unknown as Step;
      state = next.state ?? {};
      count += tokens.length / batch;
      return next.logits;
    };
    const read = async (texts: readonly ArrayLike<number>[]): Promise<HostArray<"float32">> => {
      const further = texts[0]?.length ?? 0;
      if (texts.length !== batch || further === 0 || texts.some(({ length }) => length !== further))
        throw new UsageError(`A reader of ${batch} texts takes the same number of tokens of each, at least one.`);
      if (count + further > context)
        throw new UsageError(`The model looks back on ${context} tokens; ${count + further} do not fit.`);
      let logits: HostArray<"float32"> | undefined;
      for (let i = 0; i < further; ) {
        const long = further - i >= BLOCK;
        const length = long ? BLOCK : 1;
        const tokens = Float32Array.from(
          { length: length * batch },
          (_, j) => texts[j % batch]![i + Math.floor(j / batch)]!,
        );
        logits = await readSome(long ? block : step, tokens, long ? [BLOCK, batch] : [batch]);
        i += length;
      }
      return logits!;
    };
    return { context, read };
  };
}
