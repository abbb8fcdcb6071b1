/** What models are: the numbers they take, what can be done with them, how they learn, how the registry lists them. */

export * from "./contract/entry.ts";
export * from "./contract/learning.ts";
export * from "./contract/model.ts";
export * from "./contract/training.ts";
export * from "./contract/uses.ts";
export * from "./contract/values.ts";
