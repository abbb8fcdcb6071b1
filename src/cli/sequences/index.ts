export { completeSequences } from "./complete.ts";
export { chosenSequences, readSequences } from "./read.ts";
export { sampleSequences } from "./sample.ts";
export type { Sequences } from "./types.ts";
