import { describeMachine, describeVersions } from "../../artifacts/environment.node.ts";
import { kindOf, readBytes, writeFileAtomic } from "../../artifacts/files.node.ts";
import { createRun, type LockedRun, resumeRun, updateManifest } from "../../artifacts/run.node.ts";
import { aboutTokenizer, tokenizerOfRun, writeTokenizer } from "../../artifacts/tokenizer.node.ts";
import { modelOfRun } from "../../artifacts/trained.node.ts";
import { readState, trainIntoRun } from "../../artifacts/training-run.node.ts";
import { UsageError } from "../../base/errors.ts";
import { checkBatchSize } from "../../data/batching.ts";
import type { AnyModel, TrainingConfig } from "../../models/contract.ts";
import { checkData, modelEntry } from "../../models/registry.ts";
import {
  checkTraining,
  encodeState,
  importParams,
  initialParams,
  initialState,
  modelSpec,
  type TrainEvent,
  type TrainingData,
  type TrainState,
} from "../../training/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { type DataSource, dataOptionNames, dataOptions, dataSource, openData, opensTable } from "../data.ts";
import { finishRun } from "../finish.ts";
import { onInterrupt } from "../interrupt.ts";
import { formatCount, formatDuration, formatFigure, type Reporter } from "../output/index.ts";
import { duration, wholeNumber } from "../parse.ts";
import { runtimeFor, runtimeOptions } from "../runtime.ts";
import { changedTraining, modelConfig, presetOf, trainingConfig, trainingOptions } from "../settings.ts";

/** Everything a sitting of training needs, new or resumed. */
interface Prepared {
  readonly run: LockedRun;
  readonly model: AnyModel;
  readonly data: TrainingData;
  readonly config: TrainingConfig;
  readonly resume?: ReturnType<typeof readState>;
}

/** `sampo train`. */
export const trainCommand: CommandSpec = {
  name: "train",
  summary: "Train a model into a run folder, or go on with one.",
  arguments: [["[model]", "name of the model; see sampo models"]],
  options: [
    {
      flags: "--data <name|path>",
      description: "data set, folder of images or texts, or IDX, NPY, NPZ, CSV, CIFAR or text file",
    },
    { flags: "--preset <name>", description: "named configuration (small)" },
    { flags: "--set <name=value>", description: "change one option of the model; repeatable", repeated: true },
    { flags: "--time <duration>", description: "train no longer than this, for example 30m", parse: duration },
    { flags: "--seed <number>", description: "decides everything random (0)", parse: wholeNumber(0) },
    { flags: "--out <folder>", description: "run folder (runs/<model>-<data>)" },
    { flags: "--init <file>", description: "start from the parameters of a safetensors file, by name" },
    { flags: "--resume <run>", description: "go on with this run; data and configuration are its own" },
    { flags: "--overwrite", description: "replace the run that stands in the folder" },
    { flags: "--checkpoint-every <duration>", description: "time between checkpoints (30s)", parse: duration },
    ...trainingOptions,
    ...dataOptions,
    ...runtimeOptions,
  ],
  examples: [
    "train vae --data digits-binary --time 1m --out runs/first",
    "train vae --data mnist-binarized --preset paper --time 30m --seed 0 --out runs/v",
    "train gpt --data tiny-shakespeare --preset nano-cpu --out runs/g",
    "train --resume runs/v --time 5m",
  ],
  run: train,
};

async function train({ args, options, out, commandLine }: Invocation): Promise<Result> {
  const prepared =
    options.resume === undefined
      ? await prepare(args[0], options, out, commandLine)
      : await prepareResumed(String(options.resume), args[0], options, out, commandLine);
  const { run } = prepared;
  try {
    return await sitting(prepared, options, out);
  } finally {
    run.release();
  }
}

async function prepare(
  name: string | undefined,
  options: Invocation["options"],
  out: Reporter,
  commandLine: readonly string[],
): Promise<Prepared> {
  if (name === undefined)
    throw new UsageError("Say which model to train, for example: sampo train vae --data digits-binary");
  if (options.data === undefined)
    throw new UsageError(`Say which data to train on, for example: sampo train ${name} --data digits-binary`);
  const entry = modelEntry(name);
  const presetName = String(options.preset ?? "small");
  const preset = presetOf(entry, presetName);
  const configuration = modelConfig(entry, preset, (options.set as string[] | undefined) ?? []);
  const config = trainingConfig(preset, options);
  const source = dataSource(
    String(options.data),
    options,
    preset.text,
    await opensTable([entry], String(options.data), options),
  );
  const data = await openData(source, out);
  const spec = modelSpec(data);
  checkData(entry, spec);
  const model = entry.make(configuration, spec);
  checkTraining(model, config);
  if (model.learning.kind === "gradient") checkBatchSize(data.dataset.splits.train.count, config.batchSize);
  const first = givenStart(model, config, options);
  const folder = String(options.out ?? `runs/${name}-${data.dataset.name}`);
  const run = createRun(
    folder,
    {
      model: name,
      configuration: configuration as never,
      preset: presetName,
      training: { ...config } as never,
      data: {
        name: data.dataset.name,
        hash: data.dataset.hash,
        protocol: data.dataset.protocol,
        source: source as never,
        spec: { ...spec, shape: [...spec.shape], ...(spec.classes ? { classes: [...spec.classes] } : {}) } as never,
      },
      ...(data.dataset.tokenizer ? { tokenizer: aboutTokenizer(data.dataset.tokenizer) } : {}),
      seed: Number(options.seed ?? 0),
      versions: describeVersions(),
      machine: describeMachine(),
      command: [...commandLine],
    },
    { overwrite: options.overwrite === true },
  );
  if (data.dataset.tokenizer) writeTokenizer(run, data.dataset.tokenizer);
  if (first) writeFileAtomic(run.paths.last, encodeState(first, name));
  return { run, model, data, config, ...(first ? { resume: first } : {}) };
}

/** The first state when training starts from given parameters; read before anything is written. */
function givenStart(model: AnyModel, config: TrainingConfig, options: Invocation["options"]): TrainState | undefined {
  if (options.init === undefined) return undefined;
  const [file, seed] = [String(options.init), Number(options.seed ?? 0)];
  const params = importParams(readBytes(file), initialParams(model, seed), file);
  return initialState(model, config, seed, params);
}

/** What a run has settled once for all. */
const fixedByRun = [...["data", "preset", "set", "seed", "out", "overwrite", "init"], ...dataOptionNames];

async function prepareResumed(
  folder: string,
  name: string | undefined,
  options: Invocation["options"],
  out: Reporter,
  commandLine: readonly string[],
): Promise<Prepared> {
  const given = [...fixedByRun, ...changedTraining(options)].find((option) => options[option] !== undefined);
  if (given)
    throw new UsageError(`--resume goes on with the run as it was: leave --${kebab(given)} out, or train a new run.`);
  const run = resumeRun(folder);
  try {
    if (name !== undefined && name !== run.manifest.model)
      throw new UsageError(`${folder} holds a ${run.manifest.model}, not a ${name}.`);
    const { model, config } = modelOfRun(run);
    const steps = options.steps as number | undefined;
    const longer = { ...config, ...(steps === undefined ? {} : { steps }) };
    const data = await openData(run.manifest.data.source as unknown as DataSource, out, tokenizerOfRun(run));
    if (data.dataset.hash !== run.manifest.data.hash)
      throw new UsageError(
        `The data ${data.dataset.name} is no longer what ${folder} was trained on (its hash differs).`,
      );
    const resume = kindOf(run.paths.last) === "file" ? readState(run, model, config) : undefined;
    if (!resume) out.warn(`${folder} has no checkpoint yet; it begins again at step 0.`);
    const resumed = [...(run.manifest.resumed ?? []), [...commandLine]];
    const current = updateManifest(run, { training: { ...longer } as never, resumed });
    return { run: current, model, data, config: longer, ...(resume ? { resume } : {}) };
  } catch (error) {
    run.release();
    throw error;
  }
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Trains until something ends it, telling where it stands; Ctrl-C ends it after the step under way. */
async function sitting(prepared: Prepared, options: Invocation["options"], out: Reporter): Promise<Result> {
  const { run, model, data, config, resume } = prepared;
  const runtime = await runtimeFor(options, out);
  const abort = new AbortController();
  const interrupt = () => {
    out.info("Stopping after this step and saving; once more stops at once.");
    abort.abort();
  };
  const stop = onInterrupt(interrupt);
  const seconds = options.time as number | undefined;
  const checkpointSeconds = options.checkpointEvery as number | undefined;
  const events = trainIntoRun({
    run,
    model,
    data,
    config,
    options: {
      seed: run.manifest.seed,
      runtime,
      signal: abort.signal,
      ...(resume ? { resume } : {}),
      ...(seconds === undefined ? {} : { seconds }),
      ...(checkpointSeconds === undefined ? {} : { checkpointSeconds }),
    },
  });
  try {
    let next = await events.next();
    let end: Extract<TrainEvent, { type: "end" }> | undefined;
    for (; !next.done; next = await events.next()) {
      tell(next.value, out);
      if (next.value.type === "end") end = next.value;
    }
    return await finishRun({ run: next.value, end: end!, data, runtime, out });
  } finally {
    stop();
    await runtime.dispose();
  }
}

function tell(event: TrainEvent, out: Reporter): void {
  switch (event.type) {
    case "start":
      out.info(
        event.parameters === 0
          ? `from step ${event.step}; the data decide how many parameters there are`
          : `${formatCount(event.parameters)} parameters, ${stepsOf(event.stepsPerEpoch)} per epoch, from step ${event.step}`,
      );
      break;
    case "progress":
      out.progress({
        label: "train",
        ...(event.done === undefined ? {} : { fraction: event.done }),
        detail: [
          `step ${event.step} · epoch ${event.epoch}`,
          ...(Object.keys(event.metrics).length > 0 ? [figures(event.metrics)] : []),
          ...(event.partial ? [] : [speed(event.stepsPerSecond)]),
        ].join(" · "),
      });
      break;
    case "validation":
      out.info(
        `valid  step ${event.step}  ${figures(event.metrics)}  ${formatDuration(event.seconds)}${event.best ? "  best" : ""}`,
      );
      break;
    case "end":
      out.info(event.message);
  }
}

const stepsOf = (count: number) => (count === 1 ? "one step" : `${formatCount(count)} steps`);

const speed = (stepsPerSecond: number) => `${stepsPerSecond.toFixed(stepsPerSecond < 10 ? 1 : 0)} steps/s`;

const figures = (metrics: Readonly<Record<string, number>>) =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${formatFigure(value)}`)
    .join(" · ");
