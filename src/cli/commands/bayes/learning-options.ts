import { scoreNames } from "../../../bayes/index.ts";
import { type Belonging, refuseStrays } from "../../belongs.ts";
import type { Invocation, OptionSpec } from "../../command.ts";
import { realNumber, wholeNumber, words } from "../../parse.ts";

type Options = Invocation["options"];

const arrows = (flags: string, description: string) => ({ flags, description, parse: words, repeated: true });

/** How arrows are found and probabilities learnt; what each is unless given stands in brackets. */
export const learningOptions: readonly OptionSpec[] = [
  {
    flags: "--structure <file.bif>",
    description: "take the arrows and states of this network, learn only its probabilities",
  },
  {
    flags: "--start <file.bif>",
    description: "go on from this network: hill climbing begins at its arrows, EM at its probabilities",
  },
  {
    flags: "--method <name>",
    description: "how arrows are found (hill-climb)",
    choices: ["hill-climb", "ges", "pc", "chow-liu"],
  },
  { flags: "--score <name>", description: "what hill-climb and ges maximise (bic)", choices: scoreNames },
  { flags: "--sample-size <number>", description: "equivalent sample size of BDeu (10)", parse: realNumber(0) },
  { flags: "--max-parents <number>", description: "most parents of a variable (4)", parse: wholeNumber(0) },
  { flags: "--restarts <number>", description: "further climbs from changed structures (20)", parse: wholeNumber(0) },
  arrows("--require <a>b,…>", "arrows that must be there; repeatable"),
  arrows("--forbid <a>b,…>", "arrows that must not be there; repeatable"),
  { flags: "--significance <number>", description: "level of the tests of PC (0.01)", parse: realNumber(0) },
  {
    flags: "--prior <name>",
    description: "imagined rows: none, one in each cell, or --prior-size spread evenly (bdeu)",
    choices: ["none", "k2", "bdeu"],
  },
  { flags: "--prior-size <number>", description: "imagined rows of --prior bdeu (1)", parse: realNumber(0) },
  { flags: "--seed <number>", description: "seed of restarts and of EM (0)", parse: wholeNumber(0) },
];

/** What holds where the command line says nothing. */
const usual = {
  method: "hill-climb",
  score: "bic",
  maxParents: 4,
  restarts: 20,
  significance: 0.01,
  prior: "bdeu",
  priorSize: 1,
  seed: 0,
};

const method = (...names: readonly string[]) => names.map((name) => `--method ${name}`);
const GAPS = "rows with gaps";

/** What each option belongs to. */
const belongings: readonly Belonging[] = [
  { option: "--method", to: method("hill-climb", "ges", "pc", "chow-liu"), called: "finding arrows" },
  { option: "--score", to: method("hill-climb", "ges") },
  { option: "--sample-size", to: ["--score bdeu"] },
  { option: "--max-parents", to: method("hill-climb", "ges") },
  { option: "--restarts", to: method("hill-climb") },
  { option: "--require", to: method("hill-climb") },
  { option: "--forbid", to: method("hill-climb") },
  { option: "--significance", to: method("pc") },
  { option: "--prior-size", to: ["--prior bdeu"] },
];

/** What is known to have a use only when the rows are. */
const belongingsToRows: readonly Belonging[] = [
  {
    option: "--start",
    to: [...method("hill-climb"), GAPS],
    called: "--method hill-climb, and for EM of rows with gaps",
  },
  {
    option: "--seed",
    to: [...method("hill-climb"), GAPS],
    called: "--method hill-climb, and for EM of rows with gaps",
  },
];

/** The options of a command line with what is usual; throws where one has no use beside the others. */
export function chosenOptions(options: Options): Options {
  refuseStrays(options, belongings, choicesOf(options));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...usual, ...Object.fromEntries(given) };
}

/** Throws where an option of the command line has no use for these rows. */
export function checkWithRows(options: Options, gaps: boolean): void {
  refuseStrays(options, belongingsToRows, [...choicesOf(options), ...(gaps ? [GAPS] : [])]);
}

/** The choices that a command line makes, as options belong to them. */
function choicesOf(options: Options): string[] {
  const chosen = { ...usual, ...options } as typeof usual;
  const prior = `--prior ${chosen.prior}`;
  if (options.structure !== undefined) return ["--structure", prior];
  const scored = chosen.method === "hill-climb" || chosen.method === "ges";
  return [`--method ${chosen.method}`, prior, ...(scored ? [`--score ${chosen.score}`] : [])];
}
