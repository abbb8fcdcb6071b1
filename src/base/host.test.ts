import { describe, expect, it } from "vitest";
import { full } from "./host.ts";

describe("full", () => {
  it("keeps the sign of zero and fills every dtype", () => {
    expect(full("float32", [], -0).data[0]).toBe(-0);
    expect(full("float64", [2], -0).data).toEqual(Float64Array.of(-0, -0));
    expect(full("int64", [2], 3).data).toEqual(BigInt64Array.of(3n, 3n));
    expect(full("int64", [1], -0).data).toEqual(BigInt64Array.of(0n));
    expect(full("bool", [2], 1).data).toEqual(Uint8Array.of(1, 1));
  });
});
