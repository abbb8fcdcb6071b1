import { describe, expect, it } from "vitest";
import { networkNamed } from "../../../tests/support/networks.ts";
import { drawNetwork, drawNodes, drawnNodes } from "./draw.ts";
import { panelOf, shortened, shortProbability } from "./panel.ts";

const network = networkNamed("sprinkler");

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
