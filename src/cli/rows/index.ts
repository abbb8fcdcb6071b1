export { classifyTable } from "./classify.ts";
export { columnsOf } from "./columns.ts";
export { completeTable } from "./complete.ts";
export { encodeTable } from "./encode.ts";
export { readRows } from "./read.ts";
export { sampleTable } from "./sample.ts";
