export { type EmitOptions, emit, portableDevice } from "./emit.ts";
