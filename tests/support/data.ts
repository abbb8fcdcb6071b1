import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const beside = fileURLToPath(new URL("../../../shared/data", import.meta.url));

/** The folder with published data sets: SAMPO_DATA, else `../shared/data` beside the checkout; undefined when absent. */
export const dataFolder: string | undefined = [process.env.SAMPO_DATA, beside].find(
  (folder) => folder !== undefined && existsSync(path.join(folder, "mnist")),
);

/** What to append to the name of a test that needs the published data, so that a skip says why. */
export const needsData =
  dataFolder === undefined ? " [skipped: SAMPO_DATA names no folder with the published data sets]" : "";
