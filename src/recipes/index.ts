import { baselineRecipes } from "./baselines.ts";
import { denseAutoregressive } from "./dense-autoregressive.ts";
import { densityRecipes } from "./density-binary.ts";
import { imageTransformerRecipes } from "./image-transformers.ts";
import { pixelcnnRecipes } from "./pixelcnn-mnist.ts";
import { pixelrnnRecipes } from "./pixelrnn-mnist.ts";
import type { Recipe } from "./recipe.ts";
import { textRecipes } from "./text.ts";
import { vaeDynamicMnist, vaeStaticMnist } from "./vae-mnist.ts";

export type { Measured, Recipe } from "./recipe.ts";

/** Every recipe; the results table of the documentation is made from this list. */
export const recipes: readonly Recipe[] = [
  vaeStaticMnist,
  vaeDynamicMnist,
  ...baselineRecipes,
  ...denseAutoregressive,
  ...pixelcnnRecipes,
  ...pixelrnnRecipes,
  ...imageTransformerRecipes,
  ...textRecipes,
  ...densityRecipes,
];
