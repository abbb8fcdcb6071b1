import type { DataSpec } from "../../data/types.ts";
import type { Generator } from "./window.ts";

/** What the uses of a model are made from. */
export interface Parts extends Generator {
  readonly data: DataSpec;
  /** Number of classes it is conditioned on; 0 when it is not. */
  readonly classes: number;
  /** Examples handled at once by the engine. */
  readonly chunk: number;
}
