import type { Workload } from "../harness.ts";
import { adamWorkloads } from "./adam.ts";
import { bayesWorkloads } from "./bayes.ts";
import { convWorkloads } from "./conv.ts";
import { empty } from "./empty.ts";
import { gptWorkloads } from "./gpt.ts";
import { hiddenMarkovWorkloads } from "./hidden-markov.ts";
import { lstmWorkload } from "./lstm.ts";
import { mixtureWorkloads } from "./mixture.ts";
import { pcaWorkloads } from "./pca.ts";
import { pixelcnnWorkloads } from "./pixelcnn.ts";
import { unetWorkloads } from "./unet.ts";
import { vaeWorkloads } from "./vae.ts";

/** Every workload, in the order they run. */
export function allWorkloads(): Workload[] {
  return [
    ...vaeWorkloads,
    ...gptWorkloads,
    lstmWorkload,
    ...unetWorkloads,
    ...pixelcnnWorkloads,
    ...convWorkloads,
    ...adamWorkloads,
    ...bayesWorkloads,
    ...hiddenMarkovWorkloads,
    ...mixtureWorkloads,
    ...pcaWorkloads,
    empty,
  ];
}
