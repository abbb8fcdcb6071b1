import { createHash } from "node:crypto";
import type { HostArray } from "../../src/base/host.ts";
import { leaves } from "../../src/base/tree.ts";
import type { DataSpec, Dataset, Split } from "../../src/data/types.ts";
import type { AnyModel, TrainingConfig } from "../../src/models/contract.ts";
import { fold, key, normal, uniform } from "../../src/random/index.ts";
import type { Runtime } from "../../src/runtime/index.ts";
import type { GradientConfig } from "../../src/training/config.ts";
import { snapshot, type TrainEvent, type TrainingData, type TrainOptions, train } from "../../src/training/index.ts";

/** What a tiny data set looks like; sizes of splits that no batch size divides. */
export interface TinyOptions {
  readonly shape?: readonly number[];
  readonly values?: DataSpec["values"];
  readonly classes?: readonly string[];
  readonly counts?: readonly [train: number, valid: number, test: number];
}

/** A few dozen examples whose elements go with their label, the same at every call. */
export function tinyDataset({
  shape = [4],
  values = "binary",
  classes,
  counts = [45, 13, 11],
}: TinyOptions = {}): Dataset {
  const size = shape.reduce((a, b) => a * b, 1);
  const split = (name: string, count: number): Split => {
    const k = fold(key(1), name);
    const kinds = classes?.length ?? 2;
    const labels = Uint8Array.from({ length: count }, (_, i) => i % kinds);
    const u = uniform(k, [count, size]).data.map((value, i) =>
      Math.min(0.999, (value + ((labels[Math.floor(i / size)]! + i) % 2)) / 2),
    );
    const x =
      values === "real"
        ? normal(k, [count, size]).data
        : u.map((v) => (values === "binary" ? Math.round(v) : Math.floor(256 * v)));
    const stored = values === "real" ? x : Uint8Array.from(x);
    return classes ? { count, x: stored, labels } : { count, x: stored };
  };
  const spec: DataSpec = classes ? { shape, values, classes } : { shape, values };
  const splits = { train: split("train", counts[0]), valid: split("valid", counts[1]), test: split("test", counts[2]) };
  return { name: "tiny", spec, splits, protocol: "made up for a test", hash: "0" };
}

/** A dozen steps of training. */
export const tinyTraining: GradientConfig = {
  batchSize: 8,
  optimizer: "adam",
  learningRate: 0.01,
  schedule: { name: "constant" },
  validateEvery: 4,
  steps: 12,
};

/** All events of a training run, with copies of the trees inside. */
export async function allEvents(
  model: AnyModel,
  data: TrainingData,
  config: TrainingConfig,
  options: TrainOptions,
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(model, data, config, options)) events.push(copied(event));
  return events;
}

/** An event that later steps do not change. */
export function copied(event: TrainEvent): TrainEvent {
  if (event.type === "validation") return { ...event, params: snapshot(event.params) };
  if (event.type !== "checkpoint") return event;
  const { params, ema, optimizer, ...rest } = event.state;
  const trees = snapshot(ema ? { params, ema, optimizer } : { params, optimizer });
  return { ...event, state: { ...trees, ...rest } };
}

/** The events of one kind. */
export function ofType<T extends TrainEvent["type"]>(events: readonly TrainEvent[], type: T) {
  return events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
}

/** A runtime that counts what it compiles and what is still held. */
export function counted(runtime: Runtime): { runtime: Runtime; readonly compiled: number; readonly held: number } {
  const counts = { compiled: 0, held: 0 };
  const compile: Runtime["compile"] = async (graph) => {
    const executable = await runtime.compile(graph);
    counts.compiled++;
    counts.held++;
    const dispose = executable.dispose.bind(executable);
    return Object.assign(executable, {
      dispose: async () => {
        counts.held--;
        await dispose();
      },
    });
  };
  return {
    runtime: { ...runtime, compile },
    get compiled() {
      return counts.compiled;
    },
    get held() {
      return counts.held;
    },
  };
}

/** What tells all leaves apart bit by bit: dtype, shape and a digest of their bytes, which compare at once. */
export function bits(tree: unknown): string[] {
  return leaves<HostArray>(tree).map(({ dtype, shape, data }) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return `${dtype}[${shape}] ${createHash("sha256").update(bytes).digest("hex")}`;
  });
}
