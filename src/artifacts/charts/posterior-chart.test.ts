import { describe, expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import type { Posterior } from "../../bayes/program/index.ts";
import { key, normal } from "../../random/index.ts";
import { posteriorChart } from "./posterior-chart.node.ts";

const draws = (size: number, seed: number) => Float64Array.from(normal(key(seed), [size]).data);
const posterior = {
  chains: 2,
  draws: 300,
  values: {
    mu: new HostArray("float64", [2, 300], draws(600, 1)),
    theta: new HostArray("float64", [2, 300, 3], draws(1800, 2)),
  },
} as unknown as Posterior;

describe("a chart of a posterior", () => {
  it("has a density and a trace for each number, chain by chain", () => {
    const svg = posteriorChart(posterior, ["mu", "theta[2]"]);
    expect(svg.match(/<svg /g)).toHaveLength(5);
    expect(svg).toContain("theta[2], draw by draw");
    expect(svg).toContain("chain 2");
    expect(svg).not.toContain("NaN");
    expect(posteriorChart(posterior, ["mu", "theta[2]"])).toBe(svg);
  });

  it("suggests the name that was meant", () => {
    expect(() => posteriorChart(posterior, ["theta[3]"])).toThrow(
      /Unknown quantity "theta\[3\]"; did you mean "theta\[/,
    );
    expect(() => posteriorChart(posterior, [])).toThrow(/at least one name/);
  });
});
