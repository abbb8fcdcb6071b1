/** Parameters of networks from rows of data. */
export { type EmOptions, type EmResult, type EmStep, emSteps, learnByEm, observedLogLikelihood } from "./em.ts";
export { completeLogLikelihood, learnParameters, type Prior } from "./parameters.ts";
export { completeRows, countsOf, distinctRows, type Records, recordsFor, recordsOf, totalWeight } from "./records.ts";
