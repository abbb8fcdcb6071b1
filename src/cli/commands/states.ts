import { checkTableEnding, writeTable } from "../../artifacts/tables.node.ts";
import { UsageError } from "../../base/errors.ts";
import type { Column } from "../../data/table/types.ts";
import type { HiddenStates, StateChain } from "../../models/contract.ts";
import {
  entropyRate,
  markovChain,
  mixing,
  mixingTime,
  stationaryLaw,
  stationaryLaws,
} from "../../probability/markov/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { inputOptions } from "../input.ts";
import { formatFigure, table } from "../output/index.ts";
import { chosenSequences, type Sequences } from "../sequences/index.ts";
import { capable, trainedOptions, withTrained } from "../trained.ts";

/** `sampo states`. */
export const statesCommand: CommandSpec = {
  name: "states",
  summary:
    "Show the states of a Markov model: where it stays in the long run, how fast it mixes, what hidden ones show.",
  arguments: [["<run>", "run folder"]],
  options: [
    {
      flags: "--out <file>",
      description: "the hidden state of every step, by Viterbi and with its posterior: CSV, Parquet or JSONL",
    },
    ...inputOptions.filter(({ flags }) => /--(split|input|count)/.test(flags)),
    ...trainedOptions,
  ],
  examples: [
    "states runs/chain",
    "states runs/hmm --split test --out states.csv",
    "states runs/hmm --input new.csv --json",
  ],
  run,
};

async function run({ args, options, out }: Invocation): Promise<Result> {
  const file = options.out as string | undefined;
  if (file !== undefined) checkTableEnding(file);
  return withTrained(args[0]!, options, out, async (use) => {
    const model = capable(use.trained.model, "chain");
    const about = analysed(model.chain(use.on));
    const asked = [file, options.input, options.split].some((given) => given !== undefined);
    if (!asked) return { text: described(about, out.colours.bold), json: { run: args[0], ...plain(about) } };
    const hidden = capable(use.trained.model, "states");
    if (hidden.data.values !== "sequences")
      throw new UsageError(
        "Hidden states of steps are shown of sequences of rows; of other data use sampo encode, which gives their posterior.",
      );
    const input = await chosenSequences(use, options, out);
    const found = await hidden.states(use.on, input.x);
    const rows = rowsOf(input, found, hidden.data.sequence ?? "sequence", hidden.data.columns!);
    const json = { run: args[0], from: input.from, logProb: Array.from(found.nats), ...plain(about) };
    if (file !== undefined) {
      await writeTable(file, rows.columns, rows.cells);
      const text = `${file}: the states of ${input.order.length} steps in ${input.names.length} sequences of ${input.from}`;
      return { text, json: { ...json, file } };
    }
    const paths = input.names.map((name, n) => ({ name, states: pathOf(found.path, n, input.lengths[n]!) }));
    const text = paths.map(({ name, states }) => `${name}: ${states.join(" ")}`).join("\n");
    return { text, json: { ...json, paths } };
  });
}

const pathOf = ({ data, shape }: { data: Float64Array; shape: readonly number[] }, n: number, length: number) =>
  Array.from(data.subarray(n * shape[1]!, n * shape[1]! + length));

/** Every step of the input in its order, with its state and the posterior of all. */
function rowsOf(
  { x, names, order }: Sequences,
  { count, path, posterior }: HiddenStates,
  sequence: string,
  own: readonly Column[],
) {
  const columns: Column[] = [
    { name: sequence, kind: "categorical", levels: names },
    ...own,
    { name: "state", kind: "count" },
    ...Array.from({ length: count }, (_, i): Column => ({ name: `p(state ${i})`, kind: "real" })),
  ];
  const [, most, width] = x.shape as [number, number, number];
  const seen = path.shape[1]!;
  const cells = order.flatMap(([n, t]) => [
    n,
    ...x.data.subarray((n * most + t) * width, (n * most + t + 1) * width),
    t < seen ? path.data[n * seen + t]! : Number.NaN,
    ...posterior.data.subarray((n * seen + t) * count, (n * seen + t + 1) * count),
  ]);
  return { columns, cells: Float64Array.from(cells) };
}

/** What a chain does in the long run. */
function analysed(chain: StateChain) {
  const { states, order, transition } = chain;
  const lifted = markovChain({ states, order, transition }).lifted();
  const laws = stationaryLaws(lifted);
  const one = laws.length === 1;
  const law = one ? stationaryLaw(lifted) : undefined;
  const shares = law && states.map((_, i) => law.reduce((sum, p, c) => sum + (c % states.length === i ? p : 0), 0));
  return {
    chain,
    shares,
    classes: laws.length,
    ...(one ? { ...mixing(lifted), mixingTime: mixingTime(lifted), entropyRate: entropyRate(lifted) } : {}),
  };
}

type Analysis = ReturnType<typeof analysed>;

/** The same as plain values. */
function plain({ chain, shares, ...rest }: Analysis) {
  const { states, order, shown } = chain;
  const k = states.length;
  const row = (i: number) => Array.from(chain.transition.subarray(i * k, (i + 1) * k));
  return {
    states,
    order,
    initial: Array.from(chain.initial),
    transition: Array.from({ length: chain.transition.length / k }, (_, i) => row(i)),
    ...(shares ? { stationary: shares } : {}),
    ...rest,
    ...(shown ? { shown } : {}),
  };
}

/** States that are shown with all their transitions. */
const SHOWN = 16;

function described({ chain, shares, classes, ...figures }: Analysis, bold: (text: string) => string): string {
  const { states, order, initial, transition, shown } = chain;
  const k = states.length;
  const rows = states.map((name, i) => [
    name,
    ...(order <= 1 ? [formatFigure(initial[i]!)] : []),
    shares ? formatFigure(shares[i]!) : "",
    ...(order === 1 ? [formatFigure(1 / (1 - transition[i * k + i]!))] : []),
  ]);
  const right = (title: string) => ({ title, align: "right" as const });
  const titles = [
    { title: "state" },
    ...(order <= 1 ? [right("first")] : []),
    right("in the long run"),
    ...(order === 1 ? [right("steps it stays")] : []),
  ];
  const parts = [table(titles, rows, bold)];
  if (order === 1 && k <= SHOWN) {
    const cells = states.map((name, i) => [
      name,
      ...Array.from(transition.subarray(i * k, (i + 1) * k), (p) => p.toFixed(4)),
    ]);
    parts.push(table([{ title: "after \\ next" }, ...states.map(right)], cells, bold));
  }
  if (shown) {
    const names = Object.keys(shown[0]!);
    const cells = names.map((name) => [name, ...shown.map((each) => formatFigure(each[name]!))]);
    parts.push(table([{ title: "shows" }, ...states.map(right)], cells, bold));
  }
  if (figures.mixingTime === undefined) {
    parts.push(`It has ${classes} classes of states that it never leaves, so the long run depends on the start.`);
    return parts.join("\n\n");
  }
  const mixes = Number.isFinite(figures.mixingTime)
    ? `Within ¼ of the long run (total variation) after ${figures.mixingTime} ${figures.mixingTime === 1 ? "step" : "steps"}`
    : "Periodic: it never settles";
  parts.push(
    `${mixes}; second eigenvalue ${formatFigure(figures.secondModulus!)}; ${formatFigure(figures.entropyRate!)} nats per step of new information.`,
  );
  return parts.join("\n\n");
}
