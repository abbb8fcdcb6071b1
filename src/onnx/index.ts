export { type BatchExport, emitForAnyBatch } from "./batch.ts";
export { type EmitOptions, emit, portableDevice } from "./emit.ts";
