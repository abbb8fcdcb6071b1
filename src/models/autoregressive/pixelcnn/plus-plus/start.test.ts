import { describe, expect, it } from "vitest";
import { HostArray } from "../../../../base/host.ts";
import { leaves } from "../../../../base/tree.ts";
import type { Tensor } from "../../../../graph/index.ts";
import { asTheyAre, type Through, type Traced } from "../../../../nn/index.ts";
import { key, uniform } from "../../../../random/index.ts";
import { jit } from "../../../../runtime/index.ts";
import { nativeRuntime } from "../../../../runtime/ort/native.node.ts";
import type { GradientLearning, Params } from "../../../contract.ts";
import { pixelcnnPlusPlus } from "../plus-plus.ts";
import { initNetwork, type Network, networkOf, outputsOf, type PlusPlusParams } from "./network.ts";

const runtime = await nativeRuntime({ threads: 1 });
const size = { colours: 3, height: 9, width: 8 };
const shape = { size, filters: 4, blocks: 1, levels: 2, classes: 2, outputs: 20 };
const model = pixelcnnPlusPlus(
  { filters: 4, blocks: 1, levels: 2, mixture: 2, conditional: true },
  { shape: [3, 9, 8], values: "bytes", classes: ["a", "b"] },
);
const { start } = model.learning as GradientLearning;
const count = 24;
const x = new HostArray(
  "float32",
  [count, 3, 9, 8],
  uniform(key(1), [count, 3, 9, 8]).data.map((u) => Math.round(u * 180) / 255),
);
const labels = new HostArray(
  "float32",
  [count, 2],
  Float32Array.from({ length: 2 * count }, (_, i) => ((i % 4) % 3 ? 0 : 1)),
);

/** What every weight-normalised layer gives, in the order in which features pass through them. */
async function activations(network: Network, params: Params): Promise<HostArray[]> {
  const all = (traced: Traced<PlusPlusParams>, images: Tensor, classes: Tensor) => {
    const seen: Tensor[] = [];
    const through: Through = (layer, own, input) => {
      seen.push(asTheyAre(layer, own, input));
      return seen.at(-1)!;
    };
    outputsOf(network, traced, images.mul(2).sub(1), { labels: classes, through });
    return seen;
  };
  return (await (jit(all as never, runtime) as unknown as (...args: unknown[]) => Promise<HostArray[]>)(
    params,
    x,
    labels,
  )) as HostArray[];
}

/** Mean and variance of each channel of [N, C, H, W]. */
function momentsOf({ shape: [n, channels, height, width], data }: HostArray): [number, number][] {
  const area = height! * width!;
  return Array.from({ length: channels! }, (_, c) => {
    const values = Array.from({ length: n! * area }, (_, i) =>
      Number(data[(Math.floor(i / area) * channels! + c) * area + (i % area)]),
    );
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length];
  });
}

describe("PixelCNN++ begins from a first batch", () => {
  const network = networkOf(shape);
  const begun = () => start!.fit(runtime, model.init(key(2)), { x, labels });

  it("with features of mean 0 and variance 1 after every weight-normalised layer, 0.01 after a block's last", async () => {
    const params = await begun();
    const blocks = [...network.downLayers, ...network.rightLayers].filter((layer) => "block" in layer).length;
    const found = (await activations(network, params)).flatMap(momentsOf);
    const small = found.filter(([, variance]) => variance < 0.1);
    for (const [mean] of found) expect(Math.abs(mean)).toBeLessThan(1e-3);
    for (const [, variance] of small) expect(Math.abs(variance - 0.01)).toBeLessThan(1e-3);
    expect(small).toHaveLength(blocks * 8);
    for (const [, variance] of found) if (variance >= 0.1) expect(Math.abs(variance - 1)).toBeLessThan(1e-3);
  });

  it("which it is far from before", async () => {
    const found = (await activations(network, initNetwork(network, key(2)) as never)).flatMap(momentsOf);
    expect(found.filter(([, variance]) => Math.abs(variance - 1) < 0.1).length).toBeLessThan(found.length / 2);
  });

  it("the same parameters for the same examples, with directions as they were", async () => {
    const bytes = (params: Params) => leaves<HostArray>(params).map((leaf) => [...leaf.data].map(Number));
    const [first, second] = [await begun(), await begun()];
    expect(bytes(first)).toEqual(bytes(second));
    const direction = (params: Params) => [...(params as unknown as PlusPlusParams).down.direction.data];
    expect(direction(first)).toEqual(direction(model.init(key(2))));
  });
});
