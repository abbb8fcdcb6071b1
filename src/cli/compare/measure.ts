import type { Compared } from "../../artifacts/comparison.node.ts";
import { isImage } from "../../artifacts/examples.node.ts";
import { kindOf } from "../../artifacts/files.node.ts";
import { readJsonLines } from "../../artifacts/jsonl.node.ts";
import type { Run } from "../../artifacts/run.node.ts";
import { type CurvePoint, evaluateClassification, evaluateLikelihood } from "../../evaluation/index.ts";
import { parametersOf } from "../../models/bound.ts";
import { can, type TrainingConfig } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import { epochsOf, type TrainingData } from "../../training/index.ts";
import { keep } from "../commands/evaluate.ts";
import { brailleRow, type Reporter } from "../output/index.ts";
import { type InUse, labelsFor } from "../trained.ts";
import type { Contestant } from "./contestants.ts";

/** What figures are measured with. */
export interface MeasureOptions {
  readonly importance: number;
  readonly limit?: number;
  readonly seed: number;
}

/** Everything the leaderboard says of a trained contestant; figures measured before, the same way, are taken over. */
export async function measured(
  { trained, on }: InUse,
  contestant: Contestant,
  data: TrainingData,
  { before, ...options }: MeasureOptions & { readonly before?: Compared | undefined },
  out: Reporter,
): Promise<Compared> {
  const { run, model, params, checkpoint } = trained;
  const settings = { checkpoint, ...options };
  if (before && JSON.stringify(before.measured) === JSON.stringify(settings)) return before;
  const { seed } = options;
  const how = {
    split: "test" as const,
    key: key(seed),
    importance: options.importance,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    progress: (fraction: number) => out.progress({ label: `evaluate ${contestant.name}`, fraction }),
  };
  const likelihood = can(model, "logProb") ? await evaluateLikelihood(model, on, data, how) : undefined;
  const classification = can(model, "classify") ? await evaluateClassification(model, on, data, how) : undefined;
  const figures = { ...(likelihood ? { likelihood } : {}), ...(classification ? { classification } : {}) };
  if (likelihood ?? classification) keep(trained, { checkpoint, seed, ...figures }, out);
  return {
    model: contestant.name,
    preset: contestant.preset,
    title: contestant.entry.title,
    run: run.folder,
    ...figures,
    parameters: parametersOf(model, params),
    ...training(run, trained.model, data),
    ...(await drawing({ trained, on }, seed, out)),
    curve: curveOf(run),
    measured: settings,
  };
}

function training({ manifest }: Run, model: InUse["trained"]["model"], data: TrainingData) {
  const steps = manifest.last?.step ?? 0;
  const { batchSize } = manifest.training as unknown as TrainingConfig;
  const epochs = epochsOf(model, batchSize, data.dataset.splits.train.count, steps);
  const { seconds, status } = manifest;
  return { steps, seconds, secondsPerEpoch: epochs > 0 ? seconds / epochs : Number.NaN, status };
}

const SAMPLES = 64;
const SHOWN = 5;
/** Samples that took longer than this with compilation are not drawn again without. */
const PATIENCE = 10;

/** How fast samples are drawn, 64 at once and everything compiled, and a few of them in letters. */
async function drawing({ trained: { model }, on }: Pick<InUse, "trained" | "on">, seed: number, out: Reporter) {
  if (!can(model, "sample")) return {};
  const labels = labelsFor(model, undefined, SAMPLES);
  const draw = async () => {
    out.progress({ label: "sample" });
    const begun = performance.now();
    const samples = await model.sample(on, { count: SAMPLES, key: key(seed), ...labels });
    return { samples, seconds: (performance.now() - begun) / 1000 };
  };
  const first = await draw();
  const { samples, seconds } = first.seconds > PATIENCE ? first : await draw();
  const [, ...shape] = samples.shape;
  const width = shape.reduce((a, b) => a * b, 1);
  const sketch = isImage(shape) && shape[2]! <= 32;
  return {
    samplesPerSecond: SAMPLES / seconds,
    ...(sketch ? { sketch: brailleRow(samples.data.subarray(0, SHOWN * width), [SHOWN, ...shape]) } : {}),
  };
}

/** The validation losses a run has recorded. */
function curveOf({ paths }: Run): CurvePoint[] {
  if (kindOf(paths.metrics) !== "file") return [];
  return readJsonLines(paths.metrics)
    .filter(({ split, loss }) => split === "valid" && typeof loss === "number")
    .map(({ seconds, loss }) => ({ seconds: Number(seconds), loss: Number(loss) }));
}
