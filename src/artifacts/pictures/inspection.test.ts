import { describe, expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import { causalityScene, placeName } from "./causality.ts";
import { inferno, quantile, roundUp, viridis } from "./heat.ts";
import { linearTicks } from "./legend.ts";
import type { Colour } from "./raster.ts";
import { type Line, type Plate, type Scene, scenePng, sceneSvg } from "./scene.ts";
import { surpriseScene } from "./surprise.ts";

const floats = (shape: readonly number[], value: (i: number) => number) =>
  new HostArray(
    "float32",
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
  );
const flags = (shape: readonly number[], value: (i: number) => boolean) =>
  new HostArray(
    "bool",
    shape,
    Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Number(value(i))),
  );
const plates = ({ items }: Scene) => items.filter((item): item is Plate => item.kind === "plate");
const texts = ({ items }: Scene) => items.filter((item): item is Line => item.kind === "line").map(({ text }) => text);
const pixel = ({ raster }: Plate, x: number, y: number): Colour => {
  const at = (y * raster.width + x) * raster.channels;
  return [raster.data[at]!, raster.data[at + 1]!, raster.data[at + 2]!];
};
const lightness = ([red, green, blue]: Colour) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

describe("colour scales", () => {
  it("grow lighter from end to end, by steps of like size", () => {
    for (const heat of [inferno, viridis]) {
      const steps = Array.from({ length: 20 }, (_, i) => lightness(heat((i + 1) / 20)) - lightness(heat(i / 20)));
      for (const step of steps) expect(step).toBeGreaterThan(2);
      expect([heat(-1), heat(7)]).toEqual([heat(0), heat(1)]);
    }
    expect([inferno(0), inferno(1), viridis(0), viridis(1)]).toEqual([
      [0, 0, 4],
      [252, 255, 164],
      [68, 1, 84],
      [253, 231, 37],
    ]);
  });

  it("end at round numbers, with round ones between", () => {
    expect([0.0013, 1, 1.2, 6.1, 99].map(roundUp)).toEqual([0.0015, 1, 1.5, 8, 100]);
    expect(linearTicks(3, true)).toEqual([
      { share: 0, text: "0" },
      { share: 1 / 3, text: "1" },
      { share: 2 / 3, text: "2" },
      { share: 1, text: "≥ 3" },
    ]);
    expect(linearTicks(0.8, false).map(({ text }) => text)).toEqual(["0", "0.2", "0.4", "0.6", "0.8"]);
    expect(quantile([5, 1, 3, 2, 4], 0.5)).toBe(3);
  });
});

describe("a picture of surprise", () => {
  const shape = [3, 1, 4, 5];
  const nats = floats(shape, (i) => (i % 20 === 7 ? 2 : 0.1));
  const images = floats(shape, (i) => (i % 20) / 19);
  const scene = surpriseScene({ images, nats, about: "a model, some images" });

  it("shows each example beside its map, with its total below", () => {
    const [example, map] = plates(scene);
    expect(plates(scene)).toHaveLength(2 * 3 + 1);
    expect([example!.raster.data[0], example!.raster.data[19]]).toEqual([0, 255]);
    expect(map!.x).toBe(example!.x + 5 * example!.scale + 4);
    expect(pixel(map!, 2, 1)).toEqual(inferno(1));
    expect(pixel(map!, 0, 0)).toEqual(inferno(0.05));
    expect(texts(scene)).toContain("3.9 nats");
    expect(texts(scene)).toContain(`${(3.9 / 20 / Math.LN2).toFixed(3)} bits per dimension`);
    expect(texts(scene)).toContain("nats per pixel");
  });

  it("adds up the channels of a pixel", () => {
    const colours = floats([1, 3, 2, 2], (i) => (i % 4 === 3 ? 1 : 0.25));
    const one = surpriseScene({ images: colours, nats: colours, about: "" });
    const map = plates(one)[1]!;
    expect(pixel(map, 1, 1)).toEqual(inferno(1));
    expect(pixel(map, 0, 0)).toEqual(inferno(0.25));
    expect(texts(one)).toContain("nats per pixel (3 channels together)");
  });

  it("keeps a scale where a few pixels stand out, and says so", () => {
    const wild = floats([2, 1, 40, 40], (i) => (i === 0 ? 90 : 1));
    expect(texts(surpriseScene({ images: wild, nats: wild, about: "" }))).toContain("≥ 1");
  });

  it("refuses maps of other images", () => {
    expect(() => surpriseScene({ images, nats: floats([2, 1, 4, 5], () => 0), about: "" })).toThrow(/\[2, 1, 4, 5\]/);
  });
});

describe("a picture of causality", () => {
  const shape = [1, 1, 3, 4];
  const maps = {
    strength: floats(shape, (i) => [1, 0.1, 0, 1e-9][i] ?? 0),
    seen: flags(shape, (i) => i === 0 || i === 1 || i === 3),
    before: flags(shape, (i) => i < 6),
    places: [6],
    about: "a model",
  };
  const scene = causalityScene(maps);

  it("shows strengths on a logarithmic scale, the unseen in other colours, the predicted pixel marked", () => {
    const [map] = plates(scene);
    expect(pixel(map!, 0, 0)).toEqual(viridis(1));
    expect(pixel(map!, 1, 0)).toEqual(viridis(1 - 1 / 3));
    expect(pixel(map!, 3, 0)).toEqual(viridis(0));
    const [unseen, later] = [pixel(map!, 2, 0), pixel(map!, 3, 2)];
    expect(new Set([unseen, later, viridis(0), pixel(map!, 1, 1)].map(String)).size).toBe(3);
    expect(pixel(map!, 1, 1)).toEqual(unseen);
    const marks = scene.items.filter((item) => item.kind === "box" && item.width === map!.scale);
    expect(marks).toMatchObject([{ x: map!.x + 2 * map!.scale, y: map!.y + map!.scale }]);
    expect(texts(scene)).toContain("sees 3 of 6 before it");
    expect(texts(scene)).toContain("row 1, column 2");
    expect(texts(scene)).toEqual(expect.arrayContaining(["≤ 0.001", "0.01", "0.1", "1"]));
  });

  it("joins the input channels of a pixel, and names the output's", () => {
    const colours = [1, 3, 2, 2];
    const strength = floats(colours, (i) => (i === 0 ? 3 : i === 4 ? 4 : 0));
    const all = { strength, seen: flags(colours, (i) => i % 4 === 0), before: flags(colours, (i) => i < 11) };
    const one = causalityScene({ ...all, places: [11], about: "" });
    expect(pixel(plates(one)[0]!, 0, 0)).toEqual(viridis(1));
    expect(texts(one)).toContain("row 1, column 1, blue");
    expect(placeName(4, [3, 2, 2])).toBe("row 0, column 0, green");
  });

  it("lets the channels of the predicted pixel itself not outshine the others", () => {
    const colours = [1, 3, 2, 2];
    const strength = floats(colours, (i) => (i === 3 ? 500 : i === 0 ? 1 : 0));
    const all = {
      strength,
      seen: flags(colours, (i) => i % 4 === 0 || i === 3),
      before: flags(colours, (i) => i < 11),
    };
    const one = causalityScene({ ...all, places: [11], about: "" });
    expect(pixel(plates(one)[0]!, 0, 0)).toEqual(viridis(1));
    expect(pixel(plates(one)[0]!, 1, 1)).toEqual(viridis(1));
    expect(texts(one)).toContain("≥ 1");
    expect(one.items.filter((item) => item.kind === "box" && item.frame)).toHaveLength(1);
  });

  it("of a model that sees nothing is drawn as well", () => {
    const none = { ...maps, strength: floats(shape, () => 0), seen: flags(shape, () => false) };
    expect(texts(causalityScene(none))).toContain("sees 0 of 6 before it");
    expect(() => causalityScene({ ...none, places: [1, 2] })).toThrow(/2 variables/);
  });
});

describe("a scene", () => {
  const scene: Scene = {
    name: "a < b",
    width: 40,
    height: 20,
    items: [
      { kind: "box", x: 2, y: 3, width: 4, height: 5, fill: [200, 10, 20], frame: [1, 2, 3] },
      { kind: "line", x: 20, y: 18, text: "x ≥ 1", anchor: "middle" },
      {
        kind: "plate",
        x: 10,
        y: 2,
        scale: 3,
        raster: { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) },
      },
    ],
  };

  it("becomes a PNG at twice its size", () => {
    const png = scenePng(scene);
    const view = new DataView(png.buffer, png.byteOffset);
    expect([view.getUint32(16), view.getUint32(20)]).toEqual([80, 40]);
    expect(scenePng(scene)).toEqual(png);
  });

  it("becomes an SVG with its pictures inside and nothing that is not escaped", () => {
    const svg = sceneSvg(scene);
    expect(svg.startsWith("<svg ")).toBe(true);
    expect(svg).toContain("<title>a &lt; b</title>");
    expect(svg).toContain('<image x="10" y="2" width="6" height="3"');
    expect(svg).toContain('href="data:image/png;base64,');
    expect(svg).toContain(">x ≥ 1</text>");
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
