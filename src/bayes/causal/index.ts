/** Interventions and their effects. */
export { type BackDoorOptions, backDoorSets, isBackDoorSet, minimalBackDoorSets } from "./back-door.ts";
export { adjustedEffect, adjustedEffectFromData, averageCausalEffect, type CausalEffect } from "./effect.ts";
export { causalMarginals, intervene } from "./intervention.ts";
