// Starts the prefetch worker from its TypeScript source; the package holds the built worker instead.
import { register } from "tsx/esm/api";

register();
await import(new URL("./prefetch-worker.node.ts", import.meta.url).href);
