import type { HostArray } from "../base/host.ts";
import { batchesPerEpoch } from "../data/batching.ts";
import { countParams } from "../models/bound.ts";
import type { AnyModel, Named, Params, TrainingConfig } from "../models/contract.ts";
import { compileStep, type Runtime } from "../runtime/index.ts";
import type { EndReason, TrainEvent } from "./events.ts";
import type { TrainingData } from "./feed.ts";
import { Feeder, type OpenSource } from "./feeder.ts";
import { allFinite, DivergenceGuard, Means } from "./guard.ts";
import { currentRate, type Machinery, machinery } from "./machinery.ts";
import { startState } from "./start.ts";
import { evaluationParams, type StepState, type TrainState } from "./state.ts";
import { type StepFeed, trainingStep } from "./step.ts";
import { type Validate, validator } from "./validate.ts";

/** What one sitting of training is told beside the configuration. */
export interface TrainOptions {
  readonly seed: number;
  readonly runtime: Runtime;
  /** Go on from here. */
  readonly resume?: TrainState;
  /** Seconds this sitting may take. */
  readonly seconds?: number;
  /** Seconds between checkpoints; 30 by default. */
  readonly checkpointSeconds?: number;
  /** Ends training after the step under way; the state is saved first. */
  readonly signal?: AbortSignal;
  /** Where encoded batches come from; prepared at each step when left out. The numbers are the same. */
  readonly source?: OpenSource;
}

type Event<T extends TrainEvent["type"]> = Extract<TrainEvent, { type: T }>;
/** The compiled step as this file uses it. */
interface TrainStep {
  readonly state: StepState;
  run(feed: StepFeed<HostArray>): Promise<Named<HostArray>>;
  dispose(): Promise<void>;
}

type Ending = { readonly reason: EndReason; readonly message: string };

const now = () => performance.now() / 1000;
const PROGRESS_SECONDS = 0.5;
const PAUSE_SECONDS = 0.05;

/** One sitting of a training run: the compiled step, where the run stands, and when the next event is due. */
export class Sitting {
  private readonly means = new Means();
  private readonly guard = new DivergenceGuard();
  private readonly begun = now();
  private readonly secondsBefore: number;
  private readonly firstStep: number;
  private progress: Omit<TrainState, keyof StepState>;
  private last = { progress: this.begun, step: 0, pause: this.begun, checkpoint: this.begun };
  private failure: Ending | undefined;
  /** Whether there is a checkpoint to fall back to. */
  private saved: boolean;

  private readonly data: TrainingData;
  private readonly config: TrainingConfig;
  private readonly options: TrainOptions;
  private readonly parts: Machinery;
  private readonly stepper: TrainStep;
  private readonly feeder: Feeder;
  private readonly validate: Validate;

  private constructor(
    given: { model: AnyModel; data: TrainingData; config: TrainingConfig; options: TrainOptions },
    parts: Machinery,
    stepper: TrainStep,
    feeder: Feeder,
    progress: Omit<TrainState, keyof StepState>,
  ) {
    this.data = given.data;
    this.config = given.config;
    this.options = given.options;
    this.parts = parts;
    this.stepper = stepper;
    this.feeder = feeder;
    this.progress = progress;
    this.secondsBefore = progress.seconds;
    this.last.step = progress.step;
    this.firstStep = progress.step;
    this.saved = given.options.resume !== undefined;
    this.validate = validator(given.model, parts.phases[0]!, given.data, given.options.runtime, progress.key);
  }

  /** Compiles the step and takes its place in the run. */
  static async open(
    model: AnyModel,
    data: TrainingData,
    config: TrainingConfig,
    options: TrainOptions,
  ): Promise<Sitting> {
    const parts = machinery(model, config);
    const { params, ema, optimizer, ...progress } = options.resume ?? (await startState(model, data, config, options));
    const state: StepState = ema === undefined ? { params, optimizer } : { params, ema, optimizer };
    const { key, cursor } = progress;
    const feeder = new Feeder({ model, data, config, parts, key, cursor, source: options.source });
    try {
      const step = trainingStep(parts.phases, parts) as never;
      const example = { state: state as never, inputs: feeder.next(progress).feed };
      const stepper = await compileStep<never, never, never>(step, options.runtime, example);
      const given = { model, data, config, options };
      return new Sitting(given, parts, stepper as unknown as TrainStep, feeder, progress);
    } catch (error) {
      await feeder.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.feeder.close();
    await this.validate.dispose();
    await this.stepper.dispose();
  }

  private get seconds(): number {
    return this.secondsBefore + now() - this.begun;
  }

  private where() {
    return { step: this.progress.step, epoch: this.progress.cursor.epoch, seconds: this.seconds };
  }

  /** One optimiser step on the next batch. */
  async step(): Promise<void> {
    const { feed, cursor } = this.feeder.next(this.progress);
    const metrics = await this.stepper.run(feed);
    const losses = Object.entries(metrics).filter(([name]) => name === "loss" || name.endsWith("/loss"));
    const trouble = losses.map(([, value]) => this.guard.check(Number(value.data[0]))).find(Boolean);
    if (trouble) return this.fail(trouble);
    this.means.add(metrics);
    this.progress = { ...this.progress, step: this.progress.step + 1, cursor };
  }

  private fail(trouble: string): void {
    const { step } = this.progress;
    const kept = this.saved ? "The last checkpoint is kept" : "There was no checkpoint yet";
    const message = `Training diverged at step ${step + 1}: ${trouble}. ${kept}; try a lower --learning-rate, --clip 1, or a longer --warmup.`;
    this.failure = { reason: "diverged", message };
  }

  /** Why training ends now, or undefined. */
  ending(): Ending | undefined {
    const { steps, patience } = this.config;
    const { seconds, signal } = this.options;
    if (this.failure) return this.failure;
    if (steps !== undefined && this.progress.step >= steps)
      return { reason: "steps", message: `All ${steps} steps are done.` };
    if (patience !== undefined && this.progress.stale >= patience)
      return {
        reason: "patience",
        message: `No better validation in ${patience}; best at step ${this.progress.best?.step}.`,
      };
    if (signal?.aborted) return { reason: "interrupted", message: "Interrupted; the state is saved." };
    if (seconds !== undefined && now() - this.begun >= seconds) return { reason: "time", message: "The time is up." };
    return undefined;
  }

  started(): Event<"start"> {
    const stepsPerEpoch = batchesPerEpoch(this.data.dataset.splits.train.count, this.config.batchSize);
    return {
      type: "start",
      step: this.progress.step,
      parameters: countParams(this.stepper.state.params),
      stepsPerEpoch,
    };
  }

  /** Progress since the last time, when it is time to tell. */
  progressed(): Event<"progress"> | undefined {
    const time = now();
    const elapsed = time - this.last.progress;
    if (elapsed < PROGRESS_SECONDS) return undefined;
    const stepsPerSecond = (this.progress.step - this.last.step) / elapsed;
    this.last.progress = time;
    this.last.step = this.progress.step;
    const learningRate = currentRate(this.parts, this.progress);
    const event = {
      type: "progress",
      ...this.where(),
      stepsPerSecond,
      learningRate,
      metrics: this.means.take(),
    } as const;
    const done = this.fractionDone();
    return done === undefined ? event : { ...event, done };
  }

  private fractionDone(): number | undefined {
    const parts = [
      this.config.steps === undefined ? undefined : this.progress.step / this.config.steps,
      this.options.seconds === undefined ? undefined : (now() - this.begun) / this.options.seconds,
    ].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : Math.min(1, Math.max(...parts));
  }

  /** The validation due at this step, if one is. */
  async validated(): Promise<Event<"validation"> | undefined> {
    const { step } = this.progress;
    if (this.failure || step % this.config.validateEvery !== 0) return undefined;
    const event = await this.measured();
    const value = event.metrics.loss!;
    const { plateau } = this.parts;
    this.progress = {
      ...this.progress,
      stale: event.best ? 0 : this.progress.stale + 1,
      ...(event.best ? { best: { step, value } } : {}),
      ...(plateau ? { plateau: plateau.update(this.progress.plateau ?? plateau.init(), value) } : {}),
    };
    return event;
  }

  /**
   * A last validation where the end falls between two of them, so that the best parameters may be the last. It leaves
   * no trace in the state: a resumed run goes on as one that never stopped.
   */
  async validatedLast(): Promise<Event<"validation"> | undefined> {
    const { step } = this.progress;
    return this.failure || step === this.firstStep || step % this.config.validateEvery === 0
      ? undefined
      : this.measured();
  }

  private async measured(): Promise<Event<"validation">> {
    const params: Params = evaluationParams(this.stepper.state);
    const metrics = await this.validate.run(params);
    const value = metrics.loss!;
    const best = Number.isFinite(value) && (this.progress.best === undefined || value < this.progress.best.value);
    return { type: "validation", ...this.where(), metrics, best, params };
  }

  /** The checkpoint due now, if one is; `force` makes one due. Never one with a number that is not finite. */
  checkpoint(force = false): Event<"checkpoint"> | undefined {
    if (this.failure || (!force && now() - this.last.checkpoint < (this.options.checkpointSeconds ?? 30)))
      return undefined;
    this.last.checkpoint = now();
    if (!allFinite(this.stepper.state.params)) {
      this.fail("a parameter is no longer a finite number");
      return undefined;
    }
    this.saved = true;
    return { type: "checkpoint", state: { ...this.stepper.state, ...this.progress, seconds: this.seconds } };
  }

  /** The last event; training that proves diverged while its last state is saved has diverged. */
  ended(ending: Ending): Event<"end"> {
    const { reason, message } = this.failure ?? ending;
    return { type: "end", step: this.progress.step, seconds: this.seconds, reason, message };
  }

  /** Now and then lets timers and signals run: the engine's own runs block the event loop. */
  async breathe(): Promise<void> {
    if (now() - this.last.pause < PAUSE_SECONDS) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    this.last.pause = now();
  }
}
