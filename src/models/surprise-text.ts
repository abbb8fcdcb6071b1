import { HostArray } from "../base/host.ts";
import { type Bound, rows } from "./bound.ts";
import type { AnyModel, Capabilities } from "./contract.ts";

/** Windows that are looked at together. */
const TOGETHER = 500;

/** Where windows over a text of `length` tokens begin, and the first token of the text each one speaks for. */
export function windowStarts(length: number, context: number): { readonly start: number; readonly from: number }[] {
  const windows = [{ start: 0, from: 0 }];
  for (let done = context; done < length; done = windows.at(-1)!.start + context)
    windows.push({ start: done - Math.floor(context / 2), from: done });
  return windows;
}

/**
 * −log p in nats of every token of a text of any length given those before it, after a token that opens it. A text longer
 * than what the model looks back on, T tokens, goes by windows that overlap by half: each token is judged after at least
 * the T/2 before it.
 */
export async function textSurprise(
  model: AnyModel & Pick<Capabilities, "surprise">,
  on: Bound,
  tokens: ArrayLike<number>,
  opening: number,
  progress?: (fraction: number) => void,
): Promise<Float32Array> {
  const size = model.data.shape[0]!;
  const context = size - 1;
  const text = Float32Array.of(opening, ...Array.from(tokens));
  const windows = windowStarts(tokens.length, context);
  const result = new Float32Array(tokens.length);
  for (let first = 0; first < windows.length; first += TOGETHER) {
    const some = windows.slice(first, first + TOGETHER);
    const x = new HostArray("float32", [some.length, size], new Float32Array(some.length * size).fill(opening));
    some.forEach(({ start }, i) => {
      x.data.set(text.subarray(start, start + size), i * size);
    });
    const { nats } = await model.surprise(on, x, {});
    some.forEach(({ start, from }, i) => {
      const own = rows(nats, i, i + 1).data.subarray(1 + from - start);
      result.set(own.subarray(0, tokens.length - from), from);
    });
    progress?.(Math.min(1, (first + TOGETHER) / windows.length));
  }
  return result;
}
