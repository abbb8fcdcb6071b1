import type { HostArray } from "../../base/host.ts";
import { rows } from "../bound.ts";
import type { Numbers } from "../contract.ts";

/** The sum of some numbers. */
export const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

/** What a function gives for each example. */
export const mapRows = <T>(x: Numbers, of: (row: Float32Array | Float64Array, n: number) => T): T[] =>
  Array.from({ length: x.shape[0]! }, (_, n) => of(rows(x as HostArray<"float64">, n, n + 1).data, n));
