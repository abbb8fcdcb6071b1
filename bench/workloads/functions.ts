import type { HostArray } from "../../src/base/host.ts";
import { leaves } from "../../src/base/tree.ts";
import { trace } from "../../src/graph/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import { arrayFor } from "../../src/runtime/runtime.ts";
import type { Work } from "../harness.ts";

/** A function of trees of arrays as a workload: traced, compiled and bound to fixed results. */
export async function functionWork(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  threads: number,
  draw: (step: number) => void = () => {},
): Promise<Work> {
  const start = performance.now();
  const runtime = await nativeRuntime({ threads });
  const executable = await runtime.compile(trace(fn, args).graph);
  const bound = executable.bind(leaves<HostArray>(args), executable.outputs.map(arrayFor));
  let taken = 0;
  const step = () => {
    draw(taken++);
    return bound.run();
  };
  return { step, executable, prepareSeconds: (performance.now() - start) / 1000, release: () => executable.dispose() };
}
