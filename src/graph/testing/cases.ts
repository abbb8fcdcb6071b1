import type { Case } from "./case.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { indexingCases } from "./cases/indexing.ts";
import { reduceCases } from "./cases/reduce.ts";
import { shapeCases } from "./cases/shape.ts";

/** The table of cases in which every primitive has at least one row; every runtime is held against it. */
export const primitiveCases: readonly Case[] = [...elementwiseCases, ...reduceCases, ...shapeCases, ...indexingCases];
