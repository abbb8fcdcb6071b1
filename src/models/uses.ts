import { requantized } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import type { Bound } from "./bound.ts";
import { rows } from "./bound.ts";
import type { AnyModel, Capabilities, Numbers, UseOptions } from "./contract.ts";

type Coder = Pick<Capabilities, "encode" | "decode">;

/** x → code → x: the decoded mean code. */
export async function reconstruct(model: Coder, on: Bound, x: Numbers, options: UseOptions): Promise<Numbers> {
  return model.decode(on, await model.encode(on, x, options), options);
}

/** Examples as samples look: for a model of dequantised bytes, the bytes again, as value/255. */
export function asSamples(model: Pick<AnyModel, "encoding">, x: Numbers): Numbers {
  return model.encoding?.dequantize ? new HostArray(x.dtype, x.shape, x.data.map(requantized)) : x;
}

/** Paths between codes: from row i of `from` to row i of `to` in `steps` equal steps, ends included; [n · steps, latent]. */
export function codePaths(from: Numbers, to: Numbers, steps: number): Numbers {
  if (steps < 2) throw new UsageError(`An interpolation needs at least 2 steps, not ${steps}.`);
  const [count, latent] = from.shape as [number, number];
  const data = new Float32Array(count * steps * latent);
  for (let i = 0; i < count; i++)
    for (let s = 0; s < steps; s++)
      for (let j = 0; j < latent; j++) {
        const t = s / (steps - 1);
        data[(i * steps + s) * latent + j] = (1 - t) * from.data[i * latent + j]! + t * to.data[i * latent + j]!;
      }
  return new HostArray("float32", [count * steps, latent], data);
}

/** Decoded paths between consecutive pairs of examples (0→1, 2→3, …): [pairs · steps, ...shape]. */
export async function interpolate(
  model: Coder,
  on: Bound,
  x: Numbers,
  steps: number,
  options: UseOptions,
): Promise<Numbers> {
  const pairs = Math.floor(x.shape[0]! / 2);
  if (pairs === 0) throw new UsageError("An interpolation needs at least two examples.");
  const labels = options.labels && Array.from(options.labels).slice(0, 2 * pairs);
  const codes = await model.encode(on, rows(x, 0, 2 * pairs), { ...options, ...(labels ? { labels } : {}) });
  const ends = (offset: number) => {
    const data = new Float32Array(pairs * codes.shape[1]!);
    for (let i = 0; i < pairs; i++) data.set(rows(codes, 2 * i + offset, 2 * i + offset + 1).data, i * codes.shape[1]!);
    return new HostArray("float32", [pairs, codes.shape[1]!], data);
  };
  const repeated = labels && Array.from({ length: pairs * steps }, (_, i) => labels[2 * Math.floor(i / steps)]!);
  return model.decode(on, codePaths(ends(0), ends(1), steps), {
    ...options,
    ...(repeated ? { labels: repeated } : {}),
  });
}
