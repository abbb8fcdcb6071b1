import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import * as bayes from "../../src/bayes/index.ts";
import { markov, multivariate, tables, univariate } from "../../src/probability/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const page = read("docs/probability.md");

/** What an example prints: numbers by the words before them. */
async function printed(name: string): Promise<(words: string) => number[]> {
  const command = ["--import", "tsx", `examples/${name}.ts`];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
  return (words) => {
    const rest = stdout.slice(stdout.indexOf(`${words} `) + words.length).split(/\n(?=[a-z])/)[0]!;
    const plain = rest.replace(/\w+Array\(\d+\)|[a-z][\w-]*:?/g, " ");
    return [...plain.matchAll(/-?\d+(\.\d+)?(e-?\d+)?/g)].map(([number]) => Number(number));
  };
}

function expectClose(found: number[], exact: number[], digits = 10): void {
  expect(found).toHaveLength(exact.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(exact[i]!, digits);
  });
}

describe("docs/probability.md", () => {
  it.each(["laws", "weather", "sprinkler"])("shows the example %s as it is", (name) => {
    expect(page).toContain(`\`\`\`ts\n${read(`examples/${name}.ts`).trim()}\n\`\`\``);
  });

  it("laws: numbers of scipy 1.17.1 and by hand", async () => {
    const said = await printed("laws");
    expectClose(said("mean and deviation"), [6, Math.sqrt(12)]);
    expectClose(said("longer than 20 minutes"), [61 * Math.exp(-10)]); // Σ 10ᵏ/k!, k < 3
    expectClose(said("no longer in").slice(2), [12.591587243743977]);
    expectClose(said("log-density at").slice(1), [-2, 2.540725690922956]);
    expectClose(said("hit rate"), [18 / 32, -6.553279445838015]);
    expectClose(said("weight at 190 cm"), [65 + (50 / 80) * 20, Math.sqrt(90 - 50 ** 2 / 80)]);
    const [concentration, rate] = said("fitted");
    expect(Math.abs(concentration! - 3)).toBeLessThan(0.5);
    expect(Math.abs(rate! - 0.5)).toBeLessThan(0.1);
  }, 60_000);

  it("weather: the textbook's numbers", async () => {
    const said = await printed("weather");
    expectClose(said("sky when wet"), [0.14 / 0.41, 0.27 / 0.41]);
    expectClose(said("in the long run"), [2 / 3, 1 / 3]);
    expectClose(said("log p of three days"), [Math.log(0.5 * 0.8 * 0.2)]);
    expectClose(said("days until rain"), [5, 0]);
    expectClose(said("habits, log p"), [Math.log(0.033612)]);
    expectClose(said("most probable weather"), [0, 1, 1]);
    const fitted = said("fitted");
    [0.8, 0.2, 0.4, 0.6].forEach((p, i) => {
      expect(Math.abs(fitted[i]! - p)).toBeLessThan(0.1);
    });
  }, 60_000);

  it("sprinkler: posteriors by hand", async () => {
    const said = await printed("sprinkler");
    const wet = 0.2 * (0.01 * 0.99 + 0.99 * 0.8) + 0.8 * 0.4 * 0.9;
    const rain = (0.2 * (0.01 * 0.99 + 0.99 * 0.8)) / wet;
    expectClose(said("rain when wet"), [rain, 1 - rain]);
    expectClose(said("wet by itself"), [wet]);
    const seen = (0.2 * 0.01) / (0.2 * 0.01 + 0.8 * 0.4);
    expectClose(said("rain, seen on"), [seen, 1 - seen]);
    expectClose(said("rain, turned on"), [0.2, 0.8]);
  }, 60_000);

  /** Rows of tables that begin with names of laws: the names, and those of their parameters. */
  const rows = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| ([^|]*)\|/gm)].flatMap(([, laws, parameters]) => {
    const words = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, word]) => word!);
    return words(laws!).map((law) => [law, words(parameters!)] as const);
  });

  it("names every law with all of its parameters", () => {
    const given: Record<string, unknown> = {
      ...{ mean: 0.5, stdDev: 1, low: 0, high: 1, scale: 1, freedom: 3, location: 0, rate: 1, concentration: 2 },
      ...{ a: 1, b: 2, probability: 0.5, trials: 3, successes: 2, probabilities: [0.5, 0.5], weights: [1] },
      components: [univariate.normal({ mean: 0, stdDev: 1 })],
    };
    const vectors: Record<string, unknown> = {
      ...{ ...given, mean: [0, 0], location: [0, 0], concentration: [1, 2] },
      covariance: [
        [1, 0],
        [0, 1],
      ],
      scale: [
        [1, 0],
        [0, 1],
      ],
    };
    const makers = new Map<string, unknown>([...Object.entries(univariate), ...Object.entries(multivariate)]);
    expect(rows.length).toBe(26);
    for (const [name, parameters] of rows) {
      const values = Object.hasOwn(multivariate, name) ? vectors : given;
      const law = (makers.get(name) as (from: unknown) => { family: string; parameters?: object })(
        Object.fromEntries(parameters.map((word) => [word, values[word]])),
      );
      expect(law.family).toBe(name);
      if (law.parameters) expect(Object.keys(law.parameters).sort()).toEqual([...parameters].sort());
    }
    const listed = new Set(rows.map(([name]) => name));
    const tools = ["expectation", "integrate", "integrateBetween", "kl", "normalQuantile"];
    const laws = Object.entries(univariate).filter(
      ([name, value]) => typeof value === "function" && !tools.includes(name),
    );
    expect(laws.map(([name]) => name).filter((name) => !listed.has(name))).toEqual([]);
  });

  it("names only functions that there are", () => {
    const known = new Set([univariate, multivariate, tables, markov, bayes].flatMap((part) => Object.keys(part)));
    const called = [...page.matchAll(/`(?:bayes|univariate|tables|markov|multivariate)\.(\w+)/g)].map(
      ([, word]) => word!,
    );
    const alone = [
      ...[
        "marginal",
        "bayesRule",
        "chainRule",
        "independence",
        "independenceTest",
        "entropy",
        "selectOrder",
        "orderTest",
      ],
      ...[
        "structureOf",
        "stationaryLaws",
        "mixing",
        "mixingTime",
        "absorption",
        "entropyRate",
        "productEmission",
        "pcFromData",
      ],
      ...[
        "conditionalMutualInformation",
        "selectStates",
        "greedyEquivalence",
        "chowLiu",
        "likelihoodWeighting",
        "gibbs",
      ],
    ];
    for (const word of alone) expect(page).toContain(`\`${word}\``);
    expect([...called, ...alone].filter((word) => word !== "fit" && !known.has(word))).toEqual([]);
    const fits = [...page.matchAll(/`fit\.(\w+)/g)].map(([, word]) => word!);
    expect(fits.filter((word) => !(word in univariate.fit || word in multivariate.fit))).toEqual([]);
  });
});
