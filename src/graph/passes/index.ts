export { cse } from "./cse.ts";
export { type Cut, cutSteady, exact, exactVersion } from "./exact/exact.ts";
export { fold } from "./fold.ts";
export { type OptimizeOptions, optimize } from "./optimize.ts";
export { simplify } from "./simplify.ts";
