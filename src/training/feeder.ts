import { allocate, HostArray, scalar } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import type { Batch, Cursor } from "../data/batching.ts";
import { fillOneHot } from "../data/encoding.ts";
import { type BatchPlan, type BatchSource, directSource } from "../data/source.ts";
import { fillNoise } from "../models/bound.ts";
import type { AnyModel, NoiseLaw, Phase, TrainingConfig } from "../models/contract.ts";
import { fold, type Key } from "../random/index.ts";
import { type Examples, encodingFor, hostScalars, type TrainingData } from "./feed.ts";
import { currentRate, type Machinery } from "./machinery.ts";
import type { TrainState } from "./state.ts";
import type { StepFeed } from "./step.ts";

/** Makes the source of encoded batches: `directSource`, or one that prepares them ahead. */
export type OpenSource = (plan: BatchPlan, cursor: Cursor) => BatchSource;

/** What a feeder is told about the run. */
export interface FeederOptions {
  readonly model: AnyModel;
  readonly data: TrainingData;
  readonly config: TrainingConfig;
  readonly parts: Machinery;
  readonly key: Key;
  readonly cursor: Cursor;
  readonly source?: OpenSource | undefined;
}

/** The batches of a run as plain data: order and encoding noise follow from the run's key. */
function batchPlan({ model, data, config, key }: FeederOptions): BatchPlan {
  return {
    split: data.dataset.splits.train,
    spec: data.dataset.spec,
    encoding: encodingFor(model, data),
    batchSize: config.batchSize,
    orderKey: fold(key, "batches"),
    noiseKey: fold(fold(key, "examples"), "train"),
  };
}

interface NoiseBuffer {
  readonly name: string;
  readonly law: NoiseLaw;
  readonly array: HostArray<"float32">;
}

/** Where a run stands, as far as its next step depends on it. */
type Place = Pick<TrainState, "step" | "cursor" | "plateau">;

/**
 * Prepares what each step is fed, a function of the place in the run alone, in buffers that every step uses again: a
 * feed is valid until the next is asked for.
 */
export class Feeder {
  private readonly options: FeederOptions;
  private readonly source: BatchSource;
  private readonly examples: Examples;
  private readonly noise: readonly (readonly NoiseBuffer[])[];
  private readonly noiseKey: Key;

  constructor(options: FeederOptions) {
    const { model, data, config, parts, key, cursor, source = directSource } = options;
    this.options = options;
    this.source = source(batchPlan(options), cursor);
    this.noiseKey = fold(key, "noise");
    this.noise = parts.phases.map((phase) => noiseBuffers(phase, config.batchSize));
    const { shape, classes } = data.dataset.spec;
    const x = buffer([config.batchSize, ...shape]);
    this.examples = model.conditional ? { x, labels: buffer([config.batchSize, classes?.length ?? 0]) } : { x };
  }

  /** What the step at a place is fed, and where the one after it begins. */
  next(place: Place): { feed: StepFeed<HostArray>; cursor: Cursor } {
    const { parts } = this.options;
    const batch = this.fillBatch(place.cursor);
    const { step } = place;
    const stepKey = fold(this.noiseKey, step);
    const common = { ...this.examples, learningRate: scalar(currentRate(parts, place)) };
    const phases = parts.phases.map((phase, i) => {
      const noise = drawInto(this.noise[i]!, fold(stepKey, phase.name));
      const scalars = hostScalars(phase.scalars(step));
      return [phase.name, { ...common, noise, scalars, optimizer: parts.optimizer.scalars(step) }];
    });
    const average = parts.ema ? { ema: parts.ema.scalars(step) } : {};
    return { feed: { phases: Object.fromEntries(phases), ...average }, cursor: batch.cursor };
  }

  private fillBatch(cursor: Cursor): Batch {
    const { x, labels } = this.examples;
    const batch = this.source.fill(x.data as Float32Array, cursor);
    if (labels) fillOneHot(labels.data, this.options.data.dataset.splits.train, labels.shape[1]!, batch.indices);
    return batch;
  }

  async close(): Promise<void> {
    await this.source.close();
  }
}

const buffer = (shape: readonly number[]) => new HostArray("float32", shape, allocate("float32", sizeOf(shape)));

function noiseBuffers(phase: Phase, batch: number): NoiseBuffer[] {
  return Object.entries(phase.noise(batch)).map(([name, { law, shape }]) => ({ name, law, array: buffer(shape) }));
}

function drawInto(buffers: readonly NoiseBuffer[], key: Key): Record<string, HostArray> {
  for (const { name, law, array } of buffers) fillNoise(law, fold(key, name), array.data);
  return Object.fromEntries(buffers.map(({ name, array }) => [name, array]));
}
