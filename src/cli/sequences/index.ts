export { completeSequences } from "./complete.ts";
export { chosenSequences, readSequences } from "./read.ts";
export { sampleSequences } from "./sample.ts";
export { surpriseOfSequences } from "./surprise.ts";
export type { Sequences } from "./types.ts";
