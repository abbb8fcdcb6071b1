import type { HostArray } from "../../src/base/host.ts";
import { batchGenerator } from "../../src/models/autoregressive/generate.ts";
import { naive } from "../../src/models/autoregressive/naive.ts";
import { gatedPixelcnn } from "../../src/models/autoregressive/pixelcnn/gated.ts";
import { bind } from "../../src/models/bound.ts";
import { adam } from "../../src/optim/index.ts";
import { bernoulli, fillUniform, fold, key, uniform } from "../../src/random/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import type { Work, Workload } from "../harness.ts";
import { sizes } from "./sizes.ts";
import { trainingWork } from "./trainer.ts";

const { batch, image, learningRate, ...config } = sizes.pixelcnn;
const [, height, width] = image as [number, number, number];

const modelOf = () => gatedPixelcnn(config, { shape: image, values: "binary" });

/** A training step of a Gated PixelCNN on one batch of random pixels. */
const training: Workload = {
  name: "pixelcnn",
  prepare: (threads) => {
    const model = modelOf();
    const [phase] = model.learning.kind === "gradient" ? model.learning.phases : [];
    return trainingWork(
      {
        params: model.init(key(0)),
        batch: { x: bernoulli(key(1), 0.2, [batch, ...image]) as HostArray },
        loss: (params, { x }) => phase!.loss(params as never, { x, noise: {}, scalars: {} }).loss,
        optimizer: adam(),
        learningRate,
      },
      threads,
    );
  },
};

/**
 * A batch of images drawn from caches; or with the whole network once for every pixel, of which only the first row is
 * drawn: all 28 rows would take 28 times as long.
 */
function sampling(how: "cached" | "naive-row"): Workload {
  const size = how === "cached" ? height * width : width;
  const prepare = async (threads: number): Promise<Work> => {
    const start = performance.now();
    const [model, runtime] = [modelOf(), await nativeRuntime({ threads })];
    const { factorisation: f } = model;
    const on = bind(runtime, model.init(key(0)));
    const cached = how === "cached" && f.cached ? f.cached : naive(f, image);
    const generate = batchGenerator({ factorisation: f, cached, unit: 1, size });
    const uniforms = uniform(key(2), [batch, size]);
    let taken = 0;
    const step = async () => {
      fillUniform(fold(key(2), taken++), uniforms.data);
      await generate(on, { uniforms }, {});
    };
    return { step, prepareSeconds: (performance.now() - start) / 1000 };
  };
  return { name: `sampling/pixelcnn-${how}`, prepare };
}

/** Training a Gated PixelCNN, and sampling from it with and without caches. */
export const pixelcnnWorkloads: Workload[] = [training, sampling("cached"), sampling("naive-row")];
