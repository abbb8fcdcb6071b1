/** Discrete distributions as tables over named variables. */
export type { Conditional } from "./conditional.ts";
export { checkVariables, type Evidence, sizeOfTable, stateIndex, type Variable, variableNamed } from "./variable.ts";
