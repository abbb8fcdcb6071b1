import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { needsNetworks, networkText, SPRINKLER } from "../../../tests/support/networks.ts";
import { DataError } from "../../base/errors.ts";
import { checkNetwork } from "../check.ts";
import type { Network } from "../network.ts";
import { readBif, writeBif } from "./index.ts";

/** The dog problem as JavaBayes writes it: comments, quoted names, no commas, properties, whole tables. */
const DOG = `// Bayesian Network in the Interchange Format
network "Dog-Problem" { //5 variables and 5 probability distributions
	property "credal-set constant-density-bounded 1.1" ;
}
variable  "light-on" { //2 values
	type discrete[2] {  "true"  "false" };
	property "position = (218, 195)" ;
}
variable  "family out" { /* two
   lines */
	type discrete[2] {  "true"  "false" };
	property position = (257; 99) ;
}
probability (  "light-on"  "family out" ) { //2 variable(s) and 4 values
	table 0.6 0.05 0.4 0.95 ;
	property "elicited; by hand" ;
}
probability (  "family out" ) { //1 variable(s) and 2 values
	table 0.15 0.85 ;
}
`.replace("(257; 99)", '"(257; 99)"');

const numbers = (network: Network, name: string) =>
  Array.from(network.nodes.find(({ variable }) => variable.name === name)!.table);

describe("reading", () => {
  it("reads rows, the parent's states first, the own state fastest", () => {
    const network = readBif(SPRINKLER);
    expect(network.nodes.map(({ variable }) => variable.name)).toEqual([
      ...["Season", "Sprinkler", "Rain", "Grass", "Slippery"],
    ]);
    expect(numbers(network, "Grass")).toEqual([0.99, 0.01, 0.9, 0.1, 0.9, 0.1, 0, 1]);
    checkNetwork(network);
  });

  it("reads what JavaBayes writes: whole tables vary the own state slowest", () => {
    const network = readBif(DOG);
    expect(network.name).toBe("Dog-Problem");
    expect(network.properties).toEqual(['"credal-set constant-density-bounded 1.1"']);
    expect(network.nodes[0]).toMatchObject({
      variable: { name: "light-on", states: ["true", "false"] },
      parents: ["family out"],
      properties: { variable: ['"position = (218, 195)"'], table: ['"elicited; by hand"'] },
    });
    expect(numbers(network, "light-on")).toEqual([0.6, 0.4, 0.05, 0.95]);
    expect(network.nodes[1]!.properties!.variable).toEqual(['position = "(257; 99)"']);
  });

  it("fills rows that are not given from the default", () => {
    const text = SPRINKLER.replace("  (off, yes) 0.9, 0.1;\n", "").replace(
      "(off, no) 0.0, 1.0;",
      "default 0.25, 0.75;",
    );
    expect(numbers(readBif(text), "Grass")).toEqual([0.99, 0.01, 0.9, 0.1, 0.25, 0.75, 0.25, 0.75]);
  });

  it("takes odd names as words: comparisons, dots, slashes", () => {
    const text = `variable x.1 { type discrete [ 3 ] { <7.5, 7.5-10, >=10 }; } probability (x.1) { table .25 1e-1 6.5E-1; }`;
    const network = readBif(text);
    expect(network.nodes[0]!.variable.states).toEqual(["<7.5", "7.5-10", ">=10"]);
    expect(numbers(network, "x.1")).toEqual([0.25, 0.1, 0.65]);
  });

  it("normalises rows rounded to few digits and keeps the numbers of the file for writing", () => {
    const text = SPRINKLER.replace("0.5, 0.3, 0.2", "0.33333, 0.33333, 0.33333");
    const network = readBif(text);
    expect(numbers(network, "Season")).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(writeBif(network)).toContain("table 0.33333, 0.33333, 0.33333;");
    checkNetwork(network);
    const [season, ...rest] = network.nodes;
    const learnt = { ...network, nodes: [{ ...season!, table: Float64Array.of(0.5, 0.25, 0.25) }, ...rest] };
    expect(writeBif(learnt)).toContain("table 0.5, 0.25, 0.25;");
  });
});

describe("writing", () => {
  const published = ["asia", "cancer", "earthquake", "survey", "sachs", "alarm"];

  it("loses nothing of what was read", () => {
    for (const text of [SPRINKLER, DOG]) {
      const network = readBif(text);
      expect(readBif(writeBif(network))).toEqual(network);
    }
  });

  for (const name of published)
    it.skipIf(needsNetworks !== "")(`loses nothing of ${name}${needsNetworks}`, () => {
      const text = networkText(name);
      const network = readBif(text);
      const again = readBif(writeBif(network));
      expect(again).toEqual(network);
      // Independently: the very numbers of the file, in whatever order, are those written.
      const values = (bif: string) =>
        [...bif.matchAll(/(?<=[\s)])\d[\d.]*(?:e[+-]?\d+)?(?=[,;])/g)].map(([digits]) => Number(digits)).sort();
      expect(values(writeBif(network))).toEqual(values(text));
      expect(values(text).length).toBeGreaterThan(18);
    });

  it("keeps every double and every name that BIF can say", () => {
    const name = fc.stringMatching(/^[^"\n]{1,12}$/);
    const weights = fc.array(fc.double({ min: 1e-12, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
    const property = fc.stringMatching(/^[a-z][a-z =(),0-9]{0,18}[a-z0-9]$/);
    const given = fc.record({
      names: fc.uniqueArray(name, { minLength: 2, maxLength: 2 }),
      states: fc.uniqueArray(name, { minLength: 2, maxLength: 2 }),
      weights,
      property,
    });
    fc.assert(
      fc.property(given, ({ names, states, weights, property }) => {
        const rows = [0, 2, 4].flatMap((i) => {
          const p = weights[i]! / (weights[i]! + weights[i + 1]!);
          return [p, 1 - p];
        });
        const [a, b] = names.map((name) => ({ name, states }));
        const network: Network = {
          name: names[0]!,
          nodes: [
            { variable: a!, parents: [], table: Float64Array.from(rows.slice(0, 2)) },
            { variable: b!, parents: [a!.name], table: Float64Array.from(rows.slice(2)) },
          ],
          properties: [property],
        };
        expect(readBif(writeBif(network))).toEqual(network);
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it("refuses what BIF cannot say", () => {
    const network = readBif(SPRINKLER);
    expect(() => writeBif({ ...network, name: 'a "quoted" name' })).toThrow(/BIF has no way to write the name/);
    expect(() => writeBif({ ...network, properties: ["one; two"] })).toThrow(/semicolon outside quotes/);
  });
});

describe("errors name the file, the line, and what to do", () => {
  const changed = (from: string, to: string) => () => readBif(SPRINKLER.replace(from, to), { source: "s.bif" });
  it.each([
    [
      "cycle",
      "Season ) { table 0.5, 0.3, 0.2; }",
      "Season | Grass ) { default 0.5, 0.3, 0.2; }",
      /s\.bif, line \d+: the network has a cycle, \w+ → .*→ \w+; a Bayesian network has none/,
    ],
    [
      "no table",
      "probability ( Season ) { table 0.5, 0.3, 0.2; }",
      "",
      /line 3: variable "Season" has no probability block; the network is incomplete/,
    ],
    [
      "no row",
      "(off, yes) 0.9, 0.1;",
      "",
      /line 19: the table of "Grass" has no row for \(off, yes\); the network is incomplete/,
    ],
    ["no numbers", "table 0.5, 0.3, 0.2;", "", /"Season" has no probabilities/],
    [
      "sum",
      "(wet) 0.8, 0.2",
      "(wet) 0.8, 0.3",
      /line 16: the probabilities of "Rain" for \(wet\) sum to 1\.1, not to one within 0\.0001/,
    ],
    ["sum without parents", "0.5, 0.3, 0.2", "0.5, 0.3, 0.3", /line 8: the probabilities of "Season" sum to 1\.1/],
    ["unknown parent", "Rain | Season", "Rain | Saeson", /line 14: Unknown variable "Saeson"; did you mean "Season"/],
    [
      "unknown child",
      "probability ( Slippery",
      "probability ( Slipery",
      /Unknown variable "Slipery"; did you mean "Slippery"/,
    ],
    ["unknown state", "(cold) 0.5", "(clod) 0.5", /line 17: Unknown state of Season "clod"; did you mean "cold"/],
    ["row twice", "(off, yes)", "(on, no)", /line 22: this row of "Grass" stands in line 21 already/],
    [
      "table twice",
      "probability ( Slippery | Grass )",
      "probability ( Rain | Grass )",
      /"Rain" has two probability blocks/,
    ],
    ["variable twice", "variable Rain", "variable Season", /line 5: variable "Season" is declared twice/],
    ["state twice", "{ dry, wet, cold }", "{ dry, wet, dry }", /two states named "dry"/],
    ["parent twice", "Sprinkler, Rain )", "Rain, Rain )", /has the parent "Rain" twice/],
    ["count of states", "discrete [ 3 ]", "discrete [ 4 ]", /announces "4" states and lists 3/],
    ["count of numbers", "0.5, 0.3, 0.2;", "0.5, 0.5;", /"Season" needs 3 numbers here, got 2/],
    ["count of row states", "(on, yes)", "(on)", /"Grass" has 2 parents; this row names 1 states/],
    ["no number", "0.99, 0.01", "0.99, lots", /line 20: expected a probability in the table of "Grass", got "lots"/],
    ["negative", "0.99, 0.01", "1.01, -0.01", /expected a probability.*"-0\.01"/],
    ["infinite", "0.99, 0.01", "1e999, 0.01", /expected a probability.*"1e999"/],
    ["continuous", "type discrete [ 3 ]", "type continuous [ 3 ]", /only discrete variables can be read/],
    ["no type", "type discrete [ 2 ] { on, off };", "", /has no type; say type discrete/],
    [
      "misspelt block",
      "variable Rain",
      "varible Rain",
      /expected a network, variable or probability block, got "varible"; did you mean "variable"\?/,
    ],
    ["misspelt statement", "{ table 0.5", "{ tabel 0.5", /unexpected "tabel" in the table of "Season"/],
    ["open comment", "network", "/* network", /this comment has no end/],
    ["open quote", "variable Rain", 'variable "Rain', /quoted name has no end/],
    ["two networks", "variable Season", "network again { }\nvariable Season", /a second network block/],
  ] as const)("%s", (_, from, to, sentence) => {
    expect(changed(from, to)).toThrow(sentence);
    expect(changed(from, to)).toThrow(DataError);
  });

  it("a table in the wrong order is recognised", () => {
    const text = DOG.replace("0.6 0.05 0.4 0.95", "0.6 0.4 0.05 0.95");
    expect(() => readBif(text)).toThrow(
      /sum to 0\.65, not to one within 0\.0001; the table varies the other way round/,
    );
  });

  it("accepts rougher rows when told to", () => {
    const rough = SPRINKLER.replace("(wet) 0.8, 0.2", "(wet) 0.8, 0.195");
    expect(() => readBif(rough)).toThrow(/sum to 0\.995/);
    const [rain, none] = numbers(readBif(rough, { tolerance: 0.01 }), "Rain").slice(2);
    expect(rain).toBeCloseTo(0.8 / 0.995, 14);
    expect(rain! + none!).toBeCloseTo(1, 14);
  });

  it("truncated wherever, a text is refused or whole", () => {
    for (let length = 0; length < SPRINKLER.length - 3; length += 7)
      expect(() => readBif(SPRINKLER.slice(0, length))).toThrow(DataError);
  });

  it("a table too large for memory is refused before it is made", () => {
    const parents = Array.from({ length: 40 }, (_, i) => `p${i}`);
    const declared = [...parents, "x"].map((name) => `variable ${name} { type discrete [ 2 ] { a, b }; }`);
    const table = `probability ( x | ${parents.join(", ")} ) { default 0.5, 0.5; }`;
    const priors = parents.map((name) => `probability ( ${name} ) { table 0.5, 0.5; }`);
    const text = [...declared, table, ...priors].join("\n");
    expect(() => readBif(text)).toThrow(/line 42: the table of "x" would hold 2199023255552 numbers; at most 67108864/);
  });

  it("very many names take time in proportion, and a sentence stays one", () => {
    const states = Array.from({ length: 20_000 }, (_, i) => `s${i}`);
    const numbers = states.map((_, i) => (i === 7 ? 1 : 0));
    const rows = states.map((state) => `(${state}) 1, 0;`);
    const text = (last: string) =>
      `variable x { type discrete [ ${states.length} ] { ${states.join(", ")} }; }
       variable y { type discrete [ 2 ] { a, b }; }
       probability ( x ) { table ${numbers.join(", ")}; }
       probability ( y | x ) { ${[...rows.slice(1), last].join("\n")} }`;
    expect(readBif(text(rows[0]!)).nodes[1]!.table).toHaveLength(40_000);
    expect(() => readBif(text("(s20001) 1, 0;"))).toThrow(/Unknown state of x "s20001"; did you mean "s2000"\?$/);
    expect(() => readBif(text("(elsewhere) 1, 0;"))).toThrow(/Unknown state of x "elsewhere"; it is none of 20000\.$/);
  });

  it("damaged bytes are refused with a DataError or read", () => {
    const read = (bytes: Uint8Array) => readBif(new TextDecoder().decode(bytes));
    toleratesDamage(new TextEncoder().encode(SPRINKLER), read, 300);
    toleratesDamage(new TextEncoder().encode(DOG), read, 200);
  });
});
