import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../base/errors.ts";
import { barChart, curveChart, histogram, scatterChart, shares } from "./charts.node.ts";
import { colourAt, contrast, neutralInk, palette } from "./palette.ts";

/** Draws with an independent, strict SVG renderer: fails when the markup is not well-formed XML. */
async function rasterise(svg: string): Promise<{ width: number; height: number; colours: Set<string> }> {
  const { data, info } = await sharp(Buffer.from(svg))
    .flatten({ background: "#ffffff" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colours = new Set<string>();
  for (let at = 0; at < data.length; at += info.channels) colours.add(data.subarray(at, at + 3).toString("hex"));
  return { width: info.width, height: info.height, colours };
}

const counts = (svg: string, tag: string) => svg.split(`<${tag}`).length - 1;
const steps = Array.from({ length: 100 }, (_, i) => i * 200);

describe("palette", () => {
  it("is readable on light and dark grounds", () => {
    expect(contrast("#ffffff", "#000000")).toBeCloseTo(21);
    for (const colour of [...palette, neutralInk])
      for (const ground of ["#ffffff", "#15181e"])
        expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThan(3);
    expect(new Set(palette).size).toBe(10);
    expect(colourAt(13)).toBe(colourAt(3));
  });
});

describe("curve chart", () => {
  const series = [
    { name: "training", x: steps, y: steps.map((step) => -500 * Math.exp(-step / 400) - 90) },
    { name: "validation", x: [0, 19_800], y: [-200, -95], low: [-210, -96], high: [-190, -94], dashed: true },
  ];
  const text = { title: "ELBO", x: "step", y: "nats", width: 500, height: 200 };

  it("is well-formed, of the asked width, and shows its series in their colours", async () => {
    const svg = curveChart(series, text);
    const { width, height, colours } = await rasterise(svg);
    expect(width).toBe(500);
    expect(height).toBeGreaterThan(200);
    expect(colours).toContain(palette[0].slice(1));
    expect(colours).toContain(palette[1].slice(1));
    for (const shown of [">ELBO<", ">training<", ">validation<", ">step<", ">nats<", ">15k<", ">0<"])
      expect(svg).toContain(shown);
    expect(svg).toContain('role="img" aria-label="ELBO"');
  });

  it("is the same each time and holds no outside reference", () => {
    const options = { ...text, focus: true };
    expect(curveChart(series, options)).toBe(curveChart(series, options));
    expect(curveChart(series, options)).toContain("clip-path");
    expect(curveChart(series, options).replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<style/);
  });

  it("gives clip paths of different charts different names", () => {
    const id = (svg: string) => /id="([^"]+)"/.exec(svg)?.[1];
    const other = series.map((one) => ({ ...one, y: Array.from(one.y, (value) => value * 2) }));
    expect(id(curveChart(series, { ...text, focus: true }))).not.toBe(id(curveChart(other, { ...text, focus: true })));
  });

  it("focuses on what changes after the transient", () => {
    const plain = curveChart(series, { title: "t" });
    const focused = curveChart(series, { title: "t", focus: true });
    expect(plain).toContain(">−500<");
    expect(focused).not.toContain(">−500<");
    expect(focused).toContain(">−92<");
  });

  it("uses powers of ten on a logarithmic axis and leaves out what has no logarithm", async () => {
    const svg = curveChart([{ name: "rate", x: [1, 2, 3, 4], y: [1e-5, 0, Number.NaN, 1e-2] }], {
      title: "rate",
      log: "y",
    });
    expect(svg).toContain(">1e-5<");
    await rasterise(svg);
    expect(svg).not.toContain("NaN");
  });

  it("survives names that are markup", async () => {
    const hostile = `</text><script>alert("1")</script> & 'x' \u0000\u00a0`;
    const svg = curveChart(
      [
        { ...series[0]!, name: hostile },
        { ...series[1]!, name: hostile },
      ],
      { title: hostile, subtitle: hostile, x: hostile, y: hostile },
    );
    expect(svg).not.toContain("<script");
    await rasterise(svg);
  });

  it("says so when there is nothing to draw", async () => {
    for (const svg of [
      curveChart([], { title: "none" }),
      curveChart([{ name: "a", x: [1], y: [Number.NaN] }], { title: "none" }),
      scatterChart([], undefined, { title: "none" }),
      barChart([], { title: "none" }),
      histogram([{ name: "a", values: [] }], { title: "none" }),
    ]) {
      expect(svg).toContain("no data");
      await rasterise(svg);
    }
  });

  it("draws a single point as a dot", () => {
    expect(counts(curveChart([{ name: "a", x: [1], y: [2] }], { title: "one" }), "circle")).toBe(1);
  });
});

describe("scatter chart", () => {
  it("colours points by label and names the classes", async () => {
    const svg = scatterChart([0, 0, 1, 1, 2, 0], [0, 2, 2], { title: "map", classes: ["cat", "dog", "<emu>"] });
    for (const name of ["cat", "dog", "&lt;emu&gt;"]) expect(svg).toContain(`>${name}<`);
    expect(svg.split(`fill="${palette[2]}"`).length - 1).toBe(2 + 1);
    expect((await rasterise(svg)).width).toBe(540);
  });

  it("draws no more points than asked, spread over all", () => {
    const points = Float32Array.from({ length: 2000 }, (_, i) => i % 37);
    expect(counts(scatterChart(points, undefined, { title: "many", most: 100 }), "circle")).toBe(100);
  });

  it("passes over points that are not finite", () => {
    expect(counts(scatterChart([0, 0, Number.NaN, 1], undefined, { title: "t" }), "circle")).toBe(1);
  });

  it("refuses labels that do not fit", () => {
    expect(() => scatterChart([1, 2, 3], undefined, { title: "t" })).toThrow(ShapeError);
    expect(() => scatterChart([1, 2], [0, 1], { title: "t" })).toThrow(/shape \[n, 2\] and n labels/);
  });
});

describe("bar chart", () => {
  it("writes names and values, also twice the same name", async () => {
    const svg = barChart(
      [
        { name: "vae & co", value: 89.7, stderr: 0.3, label: "≤ 89.7 ± 0.3" },
        { name: "made", value: 88.4 },
        { name: "made", value: -2 },
      ],
      { title: "NLL", x: "nats" },
    );
    for (const shown of ["vae &amp; co", "≤ 89.7 ± 0.3", "88.4", "made"]) expect(svg).toContain(`>${shown}<`);
    expect(counts(svg, "rect") + counts(svg, 'path d="M')).toBeGreaterThanOrEqual(3);
    await rasterise(svg);
  });
});

describe("histogram", () => {
  it("shares add up to one, the highest value included", () => {
    const bins = shares([0, 0.4, 0.6, 1], 0, 0.5, 2);
    expect(bins.map((bin) => bin.share)).toEqual([0.5, 0.5]);
    expect(bins.map((bin) => [bin.x1, bin.x2])).toEqual([
      [0, 0.5],
      [0.5, 1],
    ]);
  });

  it("overlays samples and copes with a constant", async () => {
    const svg = histogram(
      [
        { name: "data", values: steps },
        { name: "model", values: steps.map((x) => x / 2) },
      ],
      { title: "h", x: "v" },
    );
    const { colours } = await rasterise(svg);
    expect(svg).toContain(">data<");
    expect(svg).toContain(">share of values (%)<");
    expect(colours.size).toBeGreaterThan(4);
    await rasterise(histogram([{ name: "same", values: [3, 3, 3] }], { title: "constant" }));
  });
});
