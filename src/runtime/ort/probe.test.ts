import { describe, expect, test } from "vitest";
import { nativeRuntime } from "./native.node.ts";
import { blockOf } from "./probe.ts";

/** A ramp of [channels, 2] as a layout with blocks of the given size keeps it. */
function blocked(channels: number, block: number): number[] {
  const result: number[] = [];
  for (let start = 0; start < channels; start += block)
    for (const pixel of [0, 1]) for (let i = 0; i < block; i++) result.push((start + i) * 2 + pixel + 1);
  return result;
}

describe("blockOf", () => {
  test.each([4, 8, 16, 32])("recognises blocks of %d channels", (block) => {
    expect(blockOf(blocked(64, block), 64)).toBe(block);
  });

  test("knows no block in an unchanged, a reversed and a half reordered ramp", () => {
    const ramp = Array.from({ length: 128 }, (_, i) => i + 1);
    expect(blockOf(ramp, 64)).toBe(0);
    expect(blockOf(ramp.toReversed(), 64)).toBe(0);
    expect(blockOf([...blocked(64, 16).slice(0, 64), ...ramp.slice(64)], 64)).toBe(0);
  });
});

test("the native runtime finds a block size its processor can have", async () => {
  const { device } = await nativeRuntime({ threads: 1 });
  expect([0, 4, 8, 16]).toContain(device.block);
});
