import { describe, expect, it } from "vitest";
import { needsNetworks, networkNamed } from "../../../tests/support/networks.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { key } from "../../random/index.ts";
import { drawNetwork, drawNodes, drawnNodes } from "./draw.ts";
import { panelOf, shortened, shortProbability } from "./panel.ts";

const network = networkNamed("sprinkler");

interface Drawn {
  readonly name: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxesOf(svg: string): Drawn[] {
  const found = svg.matchAll(
    /<title>([^<]+)<\/title><rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)" rx/g,
  );
  return [...found].map(([, name, ...numbers]) => {
    const [left, top, width, height] = numbers.map(Number) as [number, number, number, number];
    return { name: name!, left, top, right: left + width, bottom: top + height };
  });
}

/** Places along the path of an arrow: straight down, and cubic curves at 20 places each. */
function alongPath(path: string): [x: number, y: number][] {
  const places: [number, number][] = [];
  let [x, y] = [0, 0];
  for (const [, letter, text] of path.matchAll(/([MVC])([^MVC]+)/g)) {
    const n = text!.trim().split(" ").map(Number);
    if (letter === "M") [x, y] = [n[0]!, n[1]!];
    for (let i = 1; i <= 20; i++) {
      const [t, s] = [i / 20, 1 - i / 20];
      if (letter === "V") places.push([x, s * y + t * n[0]!]);
      const cubic = (a: number, k: number) =>
        s ** 3 * a + 3 * s * s * t * n[k]! + 3 * s * t * t * n[k + 2]! + t ** 3 * n[k + 4]!;
      if (letter === "C") places.push([cubic(x, 0), cubic(y, 1)]);
    }
    if (letter === "V") y = n[0]!;
    if (letter === "C") [x, y] = [n[4]!, n[5]!];
  }
  return places;
}

/** Expects arrows from the bottom of their parent to the top of their child, 3 units and more from every other box. */
function expectClear(svg: string): void {
  const boxes = boxesOf(svg);
  const arrows = [
    ...svg.matchAll(/<title>([^<]+) → ([^<]+)<\/title><path d="([^"]+)"[^>]*><path d="M([^ ]+) ([^l]+)l/g),
  ];
  expect(boxes.length * arrows.length).toBeGreaterThan(0);
  for (const [, from, to, path, headX, headY] of arrows) {
    const [parent, child] = [from, to].map((name) => boxes.find((box) => box.name === name)!) as [Drawn, Drawn];
    const places = alongPath(path!);
    const [startX, startY] = path!.slice(1).split("V")[0]!.split(" ").map(Number) as [number, number];
    expect(startY).toBeCloseTo(parent.bottom, 0);
    expect(Number(headY)).toBeCloseTo(child.top, 0);
    for (const [x, box] of [
      [startX, parent],
      [Number(headX), child],
    ] as const)
      expect(x > box.left + 3 && x < box.right - 3).toBe(true);
    for (const { name, left, top, right, bottom } of boxes) {
      const gap = name === from || name === to ? -0.2 : 3;
      const inside = places.filter(([x, y]) => x > left - gap && x < right + gap && y > top - gap && y < bottom + gap);
      expect([from, to, name, inside]).toEqual([from, to, name, []]);
    }
  }
}

describe("a drawing of a network", () => {
  it("shows every variable, every arrow by name and every number of short tables", () => {
    const svg = drawNetwork(network);
    for (const { variable, parents } of network.nodes) {
      expect(svg).toContain(`>${variable.name}</text>`);
      for (const parent of parents) expect(svg).toContain(`<title>${parent} → ${variable.name}</title>`);
    }
    expect(svg.match(/<rect/g)!.length).toBe(1 + 5 + 3 + 6 + 6 + 8 + 4);
    expect(svg).not.toMatch(/NaN|undefined/);
    expect(drawNetwork(network)).toBe(svg);
  });

  it("hides rows of long tables and says how many", () => {
    expect(drawNetwork(network, { rows: 3 })).toContain(">2 more rows</text>");
    expect(drawNetwork(network, { rows: 0 })).not.toContain(">.990</text>");
    const grass = drawnNodes(network).find(({ name }) => name === "Grass")!;
    expect(panelOf(grass, 9).rows[1]).toEqual({ given: ["on", "no"], values: [0.9, 0.1] });
  });

  it("shows numbers that are no probabilities, and nodes of which there is only a name", () => {
    const above = [{ name: "Rain", states: ["yes", "no"] }];
    const heads = ["mean", "variance"];
    const count = { name: "drops", parents: ["Rain"], above, heads, values: [1234.56, 2000, 0.25, 1.5] };
    const bare = { name: "mood", parents: ["drops"], above: [], heads: [], values: [] };
    const nodes = [...drawnNodes(network), ...[count, bare].map((node) => ({ ...node, probabilities: false }))];
    const svg = drawNodes("more", nodes);
    for (const said of [">mean<", ">1235<", ">0.25<", ">mood<", "<title>drops → mood</title>"])
      expect(svg).toContain(said);
    expect(svg.match(/<rect/g)!.length).toBe(1 + 7 + 3 + 6 + 6 + 8 + 4);
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it("leads no arrow behind or along a box", () => {
    for (const rows of [0, 3, 9]) expectClear(drawNetwork(network, { rows }));
  });

  it.skipIf(needsNetworks !== "").each(["asia", "sachs", "alarm"])(
    `leads no arrow of %s behind or along a box${needsNetworks}`,
    (name) => {
      for (const rows of [0, 3, 9]) expectClear(drawNetwork(networkNamed(name), { rows }));
    },
  );

  it("leads no arrow of random graphs behind or along a box", () => {
    for (let seed = 0; seed < 20; seed++) {
      const u = uniforms64(key(seed), 200);
      const nodes = Array.from({ length: 14 }, (_, i) => {
        const parents = Array.from({ length: i }, (_, p) => `n${p}`).filter((_, p) => u[i * 14 + p]! < 0.2);
        const values = Float64Array.from({ length: 2 * Math.ceil(6 * u[i]!) }, () => 0.5);
        return { name: `n${i}`, parents, above: [], heads: ["a", "b"], values, probabilities: true };
      });
      expectClear(drawNodes("random", nodes));
    }
  });

  it("survives names that are markup or long", () => {
    const odd = {
      ...network,
      nodes: [
        {
          variable: { name: '<a & "b">', states: ["x".repeat(40), "y"] },
          parents: [],
          table: Float64Array.of(0.5, 0.5),
        },
      ],
    };
    const svg = drawNetwork(odd);
    expect(svg).toContain("&lt;a &amp; &quot;b&quot;&gt;");
    expect(svg).toContain(`${"x".repeat(13)}…`);
    expect([shortProbability(0.25), shortProbability(1e-5), shortProbability(1 - 1e-6), shortProbability(1)]).toEqual([
      ".250",
      "<.001",
      ">.999",
      "1",
    ]);
    expect(shortened("short")).toBe("short");
  });
});
