import { zeros } from "../../src/base/host.ts";
import type { Tensor } from "../../src/graph/index.ts";
import type { Workload } from "../harness.ts";
import { functionWork } from "./functions.ts";
import { sizes } from "./sizes.ts";

/** The price of a call: one addition on one element. */
export const empty: Workload = {
  name: "empty",
  prepare: (threads) => functionWork((x: Tensor) => x.add(1), [zeros("float32", [sizes.empty.elements])], threads),
};
