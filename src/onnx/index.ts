export { type BatchExport, emitForAnyBatch } from "./batch.ts";
export { type DecodedGraph, type DecodedModel, type DecodedNode, type DecodedPort, decode } from "./decode.ts";
export { describe } from "./describe.ts";
export { type EmitOptions, emit, portableDevice } from "./emit.ts";
export { type ImportOptions, importModel } from "./import.ts";
