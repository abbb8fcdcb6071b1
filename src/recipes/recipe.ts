import type { LikelihoodKind } from "../models/contract.ts";

/** A figure as it was measured with a recipe's own commands. */
export interface Measured {
  readonly kind: LikelihoodKind;
  /** Mean negative log-likelihood per test example (or token, where the recipe says so) in nats; for a lower bound the true figure is at most this. */
  readonly nats: number;
  readonly stderr: number;
  /** How the figure was computed. */
  readonly via: string;
  /** Minutes of training, on which machine. */
  readonly minutes: number;
  readonly steps: number;
  readonly machine: string;
}

/** One published result: how to get it with Sampo, what the paper says, what was measured, how far off is still right. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly model: string;
  readonly preset: string;
  readonly data: string;
  readonly protocol: string;
  /** What the figures are for, where not for an example. */
  readonly per?: "token" | "row";
  /** Numbers in an example, where results are usually told in bits for each. */
  readonly dimensions?: number;
  /** The exact commands, in order. */
  readonly commands: readonly string[];
  /** The figure the recipe must reach, in nats. */
  readonly expected: { readonly nats: number; readonly tolerance: number };
  /** What others report under the same protocol. */
  readonly published: readonly { readonly nats: number; readonly source: string }[];
  readonly measured?: Measured;
}
