import type { Layout } from "./layout.ts";
import type { MixtureConfig } from "./options.ts";

/** What is fitted. */
export interface Fitting {
  readonly name: string;
  readonly layout: Layout;
  readonly config: MixtureConfig;
}
