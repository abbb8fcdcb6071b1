import { HostArray } from "../../src/base/host.ts";
import { type Tensor, trace } from "../../src/graph/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import type { Workload } from "../harness.ts";
import { sizes } from "./sizes.ts";

/** The price of a call: one addition on one element. */
export const empty: Workload = {
  name: "empty",
  prepare: async (threads) => {
    const count = sizes.empty.elements;
    const [x, y] = [0, 1].map(() => new HostArray("float32", [count], new Float32Array(count)));
    const runtime = await nativeRuntime({ threads });
    const executable = await runtime.compile(trace((a: Tensor) => a.add(1), [x]).graph);
    const bound = executable.bind([x!], [y!]);
    return { step: () => bound.run(), release: () => executable.dispose() };
  },
};
