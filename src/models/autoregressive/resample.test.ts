import { expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import { key } from "../../random/index.ts";
import { type Fill, resample } from "./resample.ts";

/** A particle that is its number, and weighs as the first uniform of each example says. */
const fill: Fill = (x, _observed, _labels, uniforms, particle) => {
  const size = x.shape[1]!;
  return Promise.resolve({
    values: new HostArray(
      "float32",
      x.shape,
      x.data.map(() => particle),
    ),
    observedNats: new HostArray(
      "float32",
      [x.shape[0]!],
      Float32Array.from({ length: x.shape[0]! }, (_, i) => uniforms.data[i * size]!),
    ),
  });
};

it("chooses for each example by itself, however many are completed with it", async () => {
  const chosen = async (count: number) => {
    const x = new HostArray("float32", [count, 2], new Float32Array(2 * count));
    return Array.from((await resample(fill, x, x, undefined, { key: key(7), particles: 32 })).data);
  };
  const many = await chosen(40);
  expect(new Set(many).size).toBeGreaterThan(10);
  expect(await chosen(13)).toEqual(many.slice(0, 26));
});
