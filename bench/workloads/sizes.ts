import sizes from "../workloads.json" with { type: "json" };

/** The sizes both sides of the benchmark read. */
export { sizes };
