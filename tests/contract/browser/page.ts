import { castHost, type HostArray, toNumbers } from "../../../src/base/host.ts";
import { type Tensor, trace } from "../../../src/graph/index.ts";
import { type Case, tracedDType } from "../../../src/graph/testing/case.ts";
import { primitiveCases } from "../../../src/graph/testing/cases.ts";
import { assertClose, results } from "../../../src/graph/testing/check.ts";
import { type Runtime, referenceRuntime, wasmRuntime } from "../../../src/runtime/index.ts";

/** What the page reports: how many cases ran and which of them differ from the reference. */
export interface PageReport {
  readonly notes: readonly string[];
  readonly count: number;
  readonly failures: readonly string[];
}

async function compute(runtime: Runtime, c: Case, args: readonly HostArray[]): Promise<HostArray[]> {
  const { graph } = trace(((...tensors: Tensor[]) => results(c, tensors)) as never, args);
  const executable = await runtime.compile(graph);
  const values = await executable.run(args);
  await executable.dispose();
  return values;
}

async function failureOf(runtime: Runtime, c: Case): Promise<string[]> {
  const args = c.args.map((arg) => castHost(arg, tracedDType(arg)));
  try {
    const expected = await compute(referenceRuntime({ keepDouble: true }), c, args);
    const actual = await compute(runtime, c, args);
    for (const [i, array] of actual.entries())
      assertClose(toNumbers(array), toNumbers(expected[i]!), c.tolerance ?? 1e-5, `result ${i}`);
    return [];
  } catch (error) {
    return [`${c.op}: ${c.title}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The first cases of every primitive: the full table is held against WebAssembly in Node. */
function selected(perPrimitive = 2): Case[] {
  const seen = new Map<string, number>();
  return primitiveCases.filter(({ op, referenceOnly }) => {
    if (referenceOnly !== undefined) return false;
    seen.set(op, (seen.get(op) ?? 0) + 1);
    return seen.get(op)! <= perPrimitive;
  });
}

/** Compares every primitive in this page with the reference. */
async function comparePrimitives(): Promise<PageReport> {
  const runtime = await wasmRuntime({ threads: 1, wasmPaths: "/ort/" });
  const cases = selected();
  const failures: string[] = [];
  for (const c of cases) failures.push(...(await failureOf(runtime, c)));
  return { notes: runtime.notes, count: cases.length, failures };
}

Object.assign(globalThis, { comparePrimitives });
