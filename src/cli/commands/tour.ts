import { basename, join, relative } from "node:path";
import { kindOf } from "../../artifacts/files.node.ts";
import { showNegativeLogLikelihood } from "../../artifacts/index.ts";
import { readJsonLines } from "../../artifacts/jsonl.node.ts";
import { openRun, runPaths } from "../../artifacts/run.node.ts";
import type { LikelihoodFigure } from "../../evaluation/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { formatDuration, formatFigure, sparkline } from "../output/index.ts";
import { duration } from "../parse.ts";
import { runtimeOptions } from "../runtime.ts";
import { evaluateCommand } from "./evaluate.ts";
import { interpolateCommand } from "./interpolate.ts";
import { reportCommand } from "./report.ts";
import { trainCommand } from "./train.ts";

/** What the tour trains: digits one can read after half a minute on two cores. */
const recipe = {
  data: "digits-binary",
  preset: "small",
  set: ["hidden=400,200", "latent=12"],
  learningRate: 3e-3,
  clip: 100,
  steps: 4000,
  validateEvery: 250,
} as const;
const SECONDS = 40;

/** `sampo tour`. */
export const tourCommand: CommandSpec = {
  name: "tour",
  summary: "See everything once, in a minute: train on drawn digits, measure, draw, write a report.",
  options: [
    { flags: "--out <folder>", description: "run folder; a former tour in it is replaced", default: "runs/tour" },
    { flags: "--time <duration>", description: "train no longer than this (40s)", parse: duration, default: SECONDS },
    ...runtimeOptions,
  ],
  examples: ["tour", "tour --out runs/second --time 20s"],
  run: tour,
};

async function tour(invocation: Invocation): Promise<Result> {
  const { options, out } = invocation;
  const begun = performance.now();
  const folder = String(options.out);
  const { device, threads } = options;
  const call = (command: CommandSpec, args: string[], given: Record<string, unknown>) =>
    command.run!({ ...invocation, args, options: { device, threads, ...given } });

  out.info("1/4  Training a variational autoencoder on generated digits …");
  const overwrite = isFormerTour(folder);
  const time = options.time as number;
  const trained = await call(trainCommand, ["vae"], { ...recipe, time, out: folder, overwrite });
  const { ended } = trained.json as { ended: string };
  if (ended !== "time" && ended !== "steps") return trained;

  out.info("2/4  Measuring its likelihood on digits it has not seen …");
  const evaluated = await call(evaluateCommand, [folder], {
    checkpoint: "auto",
    split: "test",
    importance: 100,
    limit: 500,
  });

  out.info("3/4  Drawing digits that change into one another …");
  const film = join(runPaths(folder).pictures, "film.png");
  const shared = { checkpoint: "auto", seed: 0 };
  await call(interpolateCommand, [folder], { ...shared, pairs: 16, steps: 24, film: true, out: film });

  out.info("4/4  Writing the report …");
  await call(reportCommand, [folder], { checkpoint: "auto", likelihood: false });
  const seconds = (performance.now() - begun) / 1000;
  return summary(folder, film, evaluated.json as Evaluated, seconds, out.colours.bold);
}

interface Evaluated {
  readonly likelihood: LikelihoodFigure;
}

/** Whether the folder holds a run that a tour has made, which the next tour may replace. */
function isFormerTour(folder: string): boolean {
  if (kindOf(runPaths(folder).manifest) !== "file") return false;
  return openRun(folder).manifest.command[0] === "tour";
}

/** How this program was called: `sampo`, or through its file in a checkout. */
function self(): string {
  const script = process.argv[1] ?? "";
  return basename(script) === "sampo.mjs" ? `node ${relative(process.cwd(), script)}` : "sampo";
}

function summary(
  folder: string,
  film: string,
  { likelihood }: Evaluated,
  seconds: number,
  bold: (text: string) => string,
): Result {
  const { manifest, paths } = openRun(folder);
  const losses = readJsonLines(paths.metrics)
    .filter(({ split, loss }) => split === "train" && typeof loss === "number")
    .map(({ loss }) => loss as number);
  const curve = `${sparkline(losses, 48)}  ${formatFigure(losses[0] ?? Number.NaN)} → ${formatFigure(losses.at(-1) ?? Number.NaN)}`;
  const pictures = ["samples", "means", "reconstructions", "interpolations", "completions"]
    .map((name) => join(paths.pictures, `${name}.png`))
    .filter((path) => kindOf(path) === "file");
  const next = [
    `${self()} sample ${folder} -n 64 --seed 1 --out samples.png`,
    `${self()} complete ${folder} --mask left-half --out completed.png`,
    `${self()} train vae --data <folder of images> --time 2m --out runs/mine`,
  ];
  const text = [
    `${bold("Trained")}   ${manifest.last?.step} steps in ${formatDuration(manifest.seconds)} on ${manifest.data.name}`,
    `${bold("Loss")}      ${curve} nats per digit`,
    `${bold("Test")}      ${showNegativeLogLikelihood(likelihood)} nats per digit (${likelihood.count} digits, ${likelihood.via})`,
    `${bold("Took")}      ${formatDuration(seconds)}`,
    "",
    bold("Look at"),
    `  ${paths.report}`,
    ...[...pictures, film].map((path) => `  ${path}`),
    "",
    bold("Try next"),
    ...next.map((command) => `  ${command}`),
  ].join("\n");
  const json = { run: folder, report: paths.report, pictures: [...pictures, film], likelihood, seconds, losses, next };
  return { text, json };
}
