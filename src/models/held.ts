import { UsageError } from "../base/errors.ts";

/** Most numbers of all examples together that a fit holds: 4 GiB of doubles. */
const MOST = 2 ** 29;

/** Room for all examples of a fit that goes over them again and again; throws where they are too many to hold. */
export function roomFor(name: string, count: number, size: number): Float64Array {
  const refused = () =>
    new UsageError(
      `${name} keeps all examples in memory, and ${count} of ${size} numbers are too many: train on fewer (of a table by --random-rows).`,
    );
  if (count * size > MOST) throw refused();
  try {
    return new Float64Array(count * size);
  } catch {
    throw refused(); // where there is less memory than that
  }
}
