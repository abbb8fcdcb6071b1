import type { Case } from "./case.ts";
import { convolutionCases } from "./cases/convolution.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { imageCases } from "./cases/image.ts";
import { indexingCases } from "./cases/indexing.ts";
import { loopPrimitiveCases } from "./cases/loop.ts";
import { productCases } from "./cases/product.ts";
import { reduceCases } from "./cases/reduce.ts";
import { shapeCases } from "./cases/shape.ts";

/** The table of cases in which every primitive has at least one row; every runtime is held against it. */
export const primitiveCases: readonly Case[] = [
  ...elementwiseCases,
  ...reduceCases,
  ...shapeCases,
  ...indexingCases,
  ...productCases,
  ...convolutionCases,
  ...imageCases,
  ...loopPrimitiveCases,
];
