/** Pictures of networks. */
export { type DrawOptions, drawNetwork } from "./draw.ts";
