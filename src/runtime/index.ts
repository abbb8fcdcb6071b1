export { type DoublePlan, planDouble } from "./double/plan.ts";
export { compileExact, type Exact } from "./exact.ts";
export { type HostInput, type HostOutput, type Jitted, jit } from "./jit.ts";
export { browserWebgpuRuntime, type WebOptions, wasmRuntime } from "./ort/web.ts";
export { type ReferenceOptions, referenceRuntime } from "./reference.ts";
export type { Binding, Executable, Port, Runtime } from "./runtime.ts";
export { compileStep, type Step, type StepExample } from "./step.ts";
