import type { Named, Outcome, Params } from "../models/contract.ts";
import type { TrainState } from "./state.ts";

/** Why training ended. */
export type EndReason = "converged" | "steps" | "time" | "patience" | "interrupted" | "diverged";

/** What `train` yields. Trees inside events are only valid until the next event is asked for: copy what you keep. */
export type TrainEvent =
  /** `parameters` is 0 where the data decide how many there are. */
  | { readonly type: "start"; readonly step: number; readonly parameters: number; readonly stepsPerEpoch: number }
  /** `partial`: a place within a step of a direct fit, told to be seen but not to be kept. */
  | {
      readonly type: "progress";
      readonly partial?: boolean;
      readonly step: number;
      readonly epoch: number;
      readonly seconds: number;
      readonly stepsPerSecond: number;
      /** For gradient steps. */
      readonly learningRate?: number;
      /** Means over the steps since the last progress event: `loss` and the model's own. */
      readonly metrics: Named<number>;
      /** Fraction of the step or time budget used, when there is one. */
      readonly done?: number;
    }
  | {
      readonly type: "validation";
      readonly step: number;
      readonly epoch: number;
      readonly seconds: number;
      readonly metrics: Named<number>;
      /** Whether this is the best validation loss so far. */
      readonly best: boolean;
      /** The parameters validated. */
      readonly params: Params;
    }
  | { readonly type: "checkpoint"; readonly state: TrainState }
  | {
      readonly type: "end";
      readonly step: number;
      readonly seconds: number;
      readonly reason: EndReason;
      readonly message: string;
      readonly outcome?: Outcome;
    };
