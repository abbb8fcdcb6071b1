/** Probability on the host in double precision. */
export * as tables from "./tables/index.ts";
