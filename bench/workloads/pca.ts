import { existsSync } from "node:fs";
import path from "node:path";
import { openDataset } from "../../src/data/open.node.ts";
import { bind } from "../../src/models/bound.ts";
import { pcaEntry } from "../../src/models/factors/pca.ts";
import { key } from "../../src/random/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import { examples } from "../../src/training/index.ts";
import type { Workload } from "../harness.ts";

/** The folder below the one that SAMPO_DATA names; without it the workload is left out. */
const folder = path.join(process.env.SAMPO_DATA ?? "", "mnist");

/** 50 principal components of the 60,000 training images of MNIST, from bytes in memory to the components. */
export const pcaWorkloads: Workload[] = existsSync(folder)
  ? [
      {
        name: "pca/mnist",
        prepare: async (threads) => {
          const dataset = await openDataset("mnist");
          const model = pcaEntry.make({ components: 50 }, dataset.spec);
          const data = { dataset, encoding: {} };
          const runtime = await nativeRuntime({ threads });
          const held = dataset.splits.train.count;
          const read = async (start: number, end: number) => {
            const [split, from] = start < held ? (["train", 0] as const) : (["valid", held] as const);
            const places = Uint32Array.from({ length: end - start }, (_, i) => start - from + i);
            return examples(model, data, split, places, { key: key(1), epoch: 0 }).x;
          };
          const all = { count: held + dataset.splits.valid.count, read }; // parts of 2,000 never cross from one into the other
          const given = { train: all, valid: all, key: key(1), runtime };
          let on = bind(runtime, {});
          const step = async () => {
            if (model.learning.kind !== "direct") return;
            for await (const { params } of model.learning.fit(given)) on = on.with(params);
          };
          return { step, release: () => runtime.dispose() };
        },
      },
    ]
  : [];
