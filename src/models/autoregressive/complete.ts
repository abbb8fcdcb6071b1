import { UsageError } from "../../base/errors.ts";
import { type HostArray, zeros } from "../../base/host.ts";
import { fold, randomInts } from "../../random/index.ts";
import { type Bound, inChunks, rows } from "../bound.ts";
import type { CompleteOptions } from "../contract.ts";
import { labelRows } from "../labels.ts";
import type { anyOrderCompletion } from "./any-order.ts";
import type { Generate } from "./generate.ts";
import type { Parts } from "./parts.ts";
import { approximately, type Fill, resample, usualParticles } from "./resample.ts";

type Floats = HostArray<"float32">;

/**
 * Fills what is missing. Where the observed values come first in the only order this is a draw from the exact
 * conditional; elsewhere sampling-importance-resampling with `sweeps` particles (32), which tends to it. With several
 * orders the particles take them in turn. Orderless models draw from the exact conditional of orders fit for the mask.
 */
export async function complete(
  { classes, chunk, size, factorisation: { orders } }: Parts,
  inAnyOrder: ReturnType<typeof anyOrderCompletion> | undefined,
  generate: Generate,
  on: Bound,
  x: Floats,
  observed: Floats,
  { key, labels, sweeps, stated, progress }: CompleteOptions,
): Promise<Floats> {
  checkObserved(x, observed);
  const count = x.shape[0]!;
  const given = labelRows(classes, labels, count);
  const result = zeros("float32", x.shape);
  await inChunks(
    count,
    chunk,
    async (start, end) => {
      const seen = rows(observed, start, end);
      if (inAnyOrder) {
        stated?.("the exact conditionals of the orders that begin with what is observed");
        rows(result, start, end).data.set((await inAnyOrder(on, rows(x, start, end), seen, key, start)).data);
        return;
      }
      const one = (i: number) => seen.data.subarray(i * size, (i + 1) * size);
      const prefixes = Array.from({ length: end - start }, (_, i) => isPrefix(one(i), orders[0]!)).every(Boolean);
      const exact = prefixes && (orders.length === 1 || seen.data.every((value) => value < 0.5));
      const turn = randomInts(fold(key, "order"), 0, orders.length, [1], { offset: start }).data[0]!;
      const fill: Fill = (values, known, labels, uniforms, particle) => {
        const order = (Number(turn) + particle) % orders.length;
        return generate(on, { values, observed: known, uniforms, order, ...(labels ? { labels } : {}) }, {});
      };
      const particles = exact ? 1 : (sweeps ?? usualParticles);
      stated?.(exact ? "the exact conditional" : approximately(particles));
      const classRows = given && rows(given, start, end);
      const own = { key: fold(key, start), particles };
      rows(result, start, end).data.set((await resample(fill, rows(x, start, end), seen, classRows, own)).data);
    },
    progress,
  );
  for (let i = 0; i < result.data.length; i++) if (observed.data[i]! > 0.5) result.data[i] = x.data[i]!;
  return result;
}

/** Whether what is observed comes, in the order, before all that is missing. */
export function isPrefix(observed: ArrayLike<number>, order: Uint32Array): boolean {
  let missing = false;
  for (const place of order) {
    if (observed[place]! < 0.5) missing = true;
    else if (missing) return false;
  }
  return true;
}

/** Throws unless a mask belongs to the examples. */
export function checkObserved(x: Floats, observed: Floats): void {
  if (x.shape.join() !== observed.shape.join())
    throw new UsageError(
      `the mask has shape [${observed.shape}], the examples [${x.shape}]; give one number per value`,
    );
}
