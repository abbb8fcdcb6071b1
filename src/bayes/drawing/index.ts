/** Pictures of networks. */
export { type DrawOptions, drawNetwork, drawNodes, drawnNodes } from "./draw.ts";
export type { DrawnNode } from "./panel.ts";
