import { checkTableEnding, writeTable } from "../../artifacts/tables.node.ts";
import { UsageError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { cellText } from "../../data/table/cells.ts";
import type { Column } from "../../data/table/types.ts";
import type { AnyModel, Capabilities } from "../../models/contract.ts";
import type { Result } from "../command.ts";
import { type Reporter, table } from "../output/index.ts";
import { columnsOf } from "../rows/index.ts";
import type { InUse } from "../trained.ts";
import { chosenSequences } from "./read.ts";
import { counted, type Options, type Sequences } from "./types.ts";

/** Sequences of a split that are looked at when no count is given. */
const USUAL = 8;

/** The surprise of every step of sequences, and of every cell where they have several columns: a table, or one as a file. */
export async function surpriseOfSequences(
  use: InUse,
  model: AnyModel & Pick<Capabilities, "surprise">,
  options: Options,
  out: Reporter,
): Promise<Result> {
  const given = ["order", "text"].find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`Steps of sequences are predicted one after the other: leave --${given} out.`);
  const file = options.out as string | undefined;
  if (file !== undefined) checkTableEnding(file);
  const usual = options.input === undefined && options.count === undefined ? { count: USUAL } : {};
  const input = await chosenSequences(use, { ...options, ...usual }, out);
  const { nats } = await model.surprise(use.on, input.x as HostArray as HostArray<"float32">, {
    progress: (fraction) => out.progress({ label: "surprise", fraction }),
  });
  const steps = stepsOf(input, nats.data);
  const bySequence = grouped(input, steps);
  const figures = figuresOf(input, bySequence);
  const about = { run: use.trained.run.folder, from: input.from, unit: "nats", ...figures };
  const line = `${figures.nats.toFixed(2)} nats each in the mean, ${figures.natsPerStep.toFixed(4)} nats per step over ${figures.steps} steps`;
  if (file !== undefined) {
    await writeTable(file, [...headOf(model, input), ...natsColumns(model)], rowsOf(steps));
    return {
      text: `${file}: surprise of ${counted(figures.count)} of ${input.from}, ${line}`,
      json: { ...about, file },
    };
  }
  const surprise = bySequence.map((own) => own.map(({ each }) => each.map(orNull)));
  return { text: `${shown(model, input, steps)}\n${line}`, json: { ...about, surprise } };
}

/** A step of a sequence with the surprise of each of its cells, NaN where one is missing. */
interface Step {
  readonly n: number;
  readonly t: number;
  readonly cells: readonly number[];
  readonly each: readonly number[];
  /** Of the whole step; NaN where nothing of it is known. */
  readonly whole: number;
}

/** Every step of the input in its order. */
function stepsOf({ x, order }: Sequences, nats: ArrayLike<number>): Step[] {
  const [, most, width] = x.shape as [number, number, number];
  return order.map(([n, t]) => {
    const at = (n * most + t) * width;
    const each = Array.from({ length: width }, (_, j) => nats[at + j]!);
    const known = each.filter((value) => !Number.isNaN(value));
    const whole = known.length === 0 ? Number.NaN : known.reduce((a, b) => a + b, 0);
    return { n, t, cells: Array.from(x.data.subarray(at, at + width)), each, whole };
  });
}

/** The steps of each sequence. */
function grouped({ names }: Sequences, steps: readonly Step[]): Step[][] {
  const groups: Step[][] = names.map(() => []);
  for (const step of steps) groups[step.n]!.push(step);
  return groups;
}

/** The totals of the sequences, and their mean. */
function figuresOf({ names }: Sequences, bySequence: readonly (readonly Step[])[]) {
  const examples = bySequence.map((all, n) => {
    const own = all.filter(({ whole }) => !Number.isNaN(whole));
    const nats = own.reduce((sum, { whole }) => sum + whole, 0);
    const most = own.reduce((best, step) => (step.whole > best.whole ? step : best), own[0] ?? { t: 0, whole: 0 });
    return { name: names[n]!, steps: all.length, nats, most: { step: most.t, nats: most.whole } };
  });
  const total = examples.reduce((sum, { nats }) => sum + nats, 0);
  const steps = examples.reduce((sum, example) => sum + example.steps, 0);
  return { count: names.length, steps, nats: total / names.length, natsPerStep: total / steps, examples };
}

function headOf({ data }: AnyModel, { names }: Sequences): Column[] {
  return [{ name: data.sequence ?? "sequence", kind: "categorical", levels: names }, ...data.columns!];
}

/** The surprise of a step, then of each of its columns where there are several. */
function natsColumns(model: AnyModel): Column[] {
  const own = columnsOf(model);
  const names = own.length > 1 ? own.map(({ name }) => `nats of ${name}`) : [];
  return ["nats", ...names].map((name) => ({ name, kind: "real" }));
}

const figuresOfStep = ({ each, whole }: Step) => (each.length > 1 ? [whole, ...each] : [whole]);

function rowsOf(steps: readonly Step[]): Float64Array {
  return Float64Array.from(steps.flatMap((step) => [step.n, ...step.cells, ...figuresOfStep(step)]));
}

function shown(model: AnyModel, input: Sequences, steps: readonly Step[]): string {
  const [first, ...own] = headOf(model, input);
  const titles = [first!.name, "step", ...own.map(({ name }) => name)].map((title) => ({ title }));
  const figures = natsColumns(model).map(({ name }) => ({ title: name, align: "right" as const }));
  const rows = steps.map((step) => [
    input.names[step.n]!,
    String(step.t),
    ...own.map((column, j) => cellText(column, step.cells[j]!)),
    ...figuresOfStep(step).map((value) => (Number.isNaN(value) ? "" : value.toFixed(3))),
  ]);
  return table([...titles, ...figures], rows);
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value);
