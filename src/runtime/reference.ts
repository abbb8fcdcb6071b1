import { castHost, type HostArray } from "../base/host.ts";
import type { Graph } from "../graph/graph.ts";
import { fromNd, interpreter, toNd } from "../graph/interpret.ts";
import type { DeviceProfile } from "../graph/primitive.ts";
import { assertAllFit, type Binding, copyInto, type Executable, type Port, portsOf, type Runtime } from "./runtime.ts";

/** Settings of the reference runtime. */
export interface ReferenceOptions {
  /** Whether float32 results are returned as float64, unrounded. */
  readonly keepDouble?: boolean;
}

const device: DeviceProfile = { kind: "native", block: 0, contrib: false };

/** The runtime that evaluates primitive by primitive in float64: slow, and what all others are compared with. */
export function referenceRuntime({ keepDouble = false }: ReferenceOptions = {}): Runtime {
  const compile = async (graph: Graph) => referenceExecutable(graph, keepDouble);
  return { name: "reference", device, notes: ["float64 interpreter"], compile, dispose: async () => {} };
}

/** Inputs as they are checked: float64 arrays may stand for float32 ones here. */
function checked(values: readonly HostArray[], inputs: readonly Port[]): void {
  const ports = inputs.map((port, i) =>
    port.dtype === "float32" && values[i]?.dtype === "float64" ? { ...port, dtype: "float64" as const } : port,
  );
  assertAllFit(values, ports, "input");
}

function referenceExecutable(graph: Graph, keepDouble: boolean): Executable {
  const { inputs, outputs } = portsOf(graph);
  const evaluate = interpreter(graph);
  const run = async (values: readonly HostArray[], into?: readonly HostArray[]) => {
    checked(values, inputs);
    const results = evaluate(values.map(toNd)).map((value) => fromNd(value, keepDouble));
    if (!into) return results;
    results.forEach((result, i) => {
      copyInto(into[i]!, castHost(result, into[i]!.dtype));
    });
    return [...into];
  };
  const bind = (values: readonly HostArray[], into: readonly HostArray[]): Binding => {
    const current = [...values];
    const set = (index: number, value: HostArray) => {
      current[index] = value;
    };
    return { set, run: async () => void (await run(current, into)) };
  };
  return { inputs, outputs, run, bind, dispose: async () => {} };
}
