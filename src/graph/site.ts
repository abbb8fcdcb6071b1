import { ShapeError } from "../base/errors.ts";
import type { Attrs, Aval, Primitive } from "./primitive.ts";

/** A primitive's result shapes and dtypes, or an error that says which operation, which operands and which line of the user's code. */
export function inferAt(op: Primitive, inputs: readonly Aval[], attrs: Attrs): readonly Aval[] {
  try {
    return op.infer(inputs, attrs);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const given = inputs.map(String).join(", ");
    throw new ShapeError(`${op.name}(${given}): ${error.message}${userLine(new Error().stack ?? "")}`);
  }
}

const here = import.meta.url.slice(0, import.meta.url.lastIndexOf("/") + 1);
const asPath = here.replace(/^file:\/\//, "");

/** The first stack frame outside this folder: where the user wrote the operation. */
function userLine(stack: string): string {
  const frames = stack.split("\n").slice(1);
  const frame = frames.find((line) => !line.includes(here) && !line.includes(asPath) && /:\d+:\d+/.test(line));
  const place = frame?.match(/\(?((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:)[^()]*:\d+:\d+)\)?\s*$/)?.[1];
  return place ? `, at ${place}` : "";
}
