import type { HostArray } from "../base/host.ts";
import { Sha256 } from "../base/sha256.ts";
import { namedLeaves } from "../base/tree.ts";
import type { AnyModel, Params } from "./contract.ts";

/** SHA-256 of what decides a model's probabilities: name, configuration, data and parameters; 32 hexadecimal digits of it. */
export function fingerprint({ name, config, data }: AnyModel, params: Params): string {
  const hash = new Sha256();
  const text = (value: unknown) => hash.update(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
  const table = data.columns ? [data.columns, data.target ?? null] : [];
  text([name, config, data.shape, data.values, data.classes ?? null, ...table]);
  for (const { path, leaf } of namedLeaves<HostArray>(params)) {
    text([path, leaf.dtype, leaf.shape]);
    hash.update(new Uint8Array(leaf.data.buffer, leaf.data.byteOffset, leaf.data.byteLength));
  }
  return hash.hex().slice(0, 32);
}
