/** How the learning rate changes, as a factor of its peak. `floor` is the smallest factor. */
export type ScheduleConfig =
  | { readonly name: "constant" }
  | { readonly name: "exponential"; readonly halfLife: number; readonly floor: number }
  | { readonly name: "linear" | "cosine"; readonly steps: number; readonly floor: number }
  | { readonly name: "step"; readonly boundaries: readonly number[]; readonly factor: number }
  | { readonly name: "inverse-sqrt"; readonly peak: number }
  | { readonly name: "plateau"; readonly factor: number; readonly patience: number };

/**
 * How training runs: everything that shapes the result, as plain values. A step is one update by a batch, or one round
 * over all examples for a model that learns in closed form; what concerns gradients is then left out.
 */
export interface TrainingConfig {
  readonly batchSize: number;
  /** sgd, adam, adamw, adamax, rmsprop or lion. */
  readonly optimizer?: string;
  /** The peak learning rate, which the schedule scales. */
  readonly learningRate?: number;
  readonly schedule?: ScheduleConfig;
  /** Steps over which the learning rate grows from zero. */
  readonly warmup?: number;
  /** Decoupled weight decay of adamw on everything that is no vector (0.01). */
  readonly weightDecay?: number;
  /** Decay of the gradients' average of adam and adamw (0.9). */
  readonly beta1?: number;
  /** Decay of the squared gradients' average of adam and adamw (0.999). */
  readonly beta2?: number;
  /** Largest global gradient norm; no clipping when left out. */
  readonly clip?: number;
  /** Decay of the exponential moving average of the parameters that is evaluated; none when left out. */
  readonly ema?: number;
  /** Steps between validations. */
  readonly validateEvery: number;
  /** Stop after so many validations without a better one; never when left out. */
  readonly patience?: number;
  /** Stop after so many steps; when left out, time or patience ends training. */
  readonly steps?: number;
}
