import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-node";
import { arrayFor, type Port } from "../src/runtime/runtime.ts";
import { median } from "./measure.ts";
import { allWorkloads } from "./workloads/index.ts";

const usage = `npm run bench:profile -- NAME [--threads 2] [--runs 10] [--top 25]
Where a workload's time goes, by ONNX operator and shapes, from ONNX Runtime's own profiler.`;

/** One line of the profiler's trace that we use. */
interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly input_type_shape?: readonly Record<string, number[]>[] };
}

interface Total {
  readonly what: string;
  readonly count: number;
  readonly milliseconds: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "2" },
    runs: { type: "string", default: "10" },
    top: { type: "string", default: "25" },
  },
});

function describe({ args }: Event): string {
  const shapes = args?.input_type_shape?.map((input) => Object.values(input)[0]?.join("×") || "scalar") ?? [];
  return `${args?.op_name} ${shapes.slice(0, 4).join(" ")}`;
}

function feedOf(port: Port): ort.Tensor {
  const { dtype, shape, data } = arrayFor(port);
  if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) data[i] = 0.01 + 0.1 * Math.random();
  return new ort.Tensor(dtype as "float32", data as Float32Array, shape);
}

/** Runs the model with the profiler on and returns the events of single operators. */
async function record(model: Uint8Array, inputs: readonly Port[], threads: number, runs: number): Promise<Event[]> {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, "trace"),
    logSeverityLevel: 3,
    extra: { session: { force_spinning_stop: "1" } },
  });
  const feeds = Object.fromEntries(session.inputNames.map((name, i) => [name, feedOf(inputs[i]!)]));
  for (let i = 0; i < runs; i++) await session.run(feeds);
  session.endProfiling();
  const file = join(folder, readdirSync(folder)[0]!);
  const events = JSON.parse(readFileSync(file, "utf8")) as Event[];
  rmSync(folder, { recursive: true });
  return events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
}

/** Events that share a description: how many in a run, and that many times their median duration; dearest first. */
function totals(events: readonly Event[], runs: number): Total[] {
  const durations = new Map<string, number[]>();
  for (const event of events) {
    const what = describe(event);
    const list = durations.get(what) ?? [];
    list.push(event.dur / 1000);
    durations.set(what, list);
  }
  const sums = [...durations].map(([what, list]) => ({
    what,
    count: list.length / runs,
    milliseconds: (median(list) * list.length) / runs,
  }));
  return sums.sort((a, b) => b.milliseconds - a.milliseconds);
}

/** The same by operator alone. */
function byOperator(sums: readonly Total[]): Total[] {
  const merged = new Map<string, Total>();
  for (const { what, count, milliseconds } of sums) {
    const name = what.split(" ")[0]!;
    const before = merged.get(name) ?? { what: name, count: 0, milliseconds: 0 };
    merged.set(name, { what: name, count: before.count + count, milliseconds: before.milliseconds + milliseconds });
  }
  return [...merged.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

function print(title: string, sums: readonly Total[], top: number): void {
  const all = sums.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  console.log(`${title}: ${all.toFixed(2)} ms in ${Math.round(sums.reduce((sum, { count }) => sum + count, 0))} nodes`);
  for (const { what, count, milliseconds } of sums.slice(0, top))
    console.log(`${milliseconds.toFixed(3).padStart(9)} ms ${String(Math.round(count)).padStart(5)} ×  ${what}`);
}

async function main(): Promise<void> {
  const workload = allWorkloads().find(({ name }) => name === positionals[0]);
  if (!workload) return console.log(usage);
  const { executable, release } = await workload.prepare(Number(values.threads));
  if (!executable?.model) throw new Error(`${workload.name} has no single model to profile.`);
  const runs = Number(values.runs);
  const events = await record(executable.model, executable.inputs, Number(values.threads), runs);
  const sums = totals(events, runs);
  print("by operator", byOperator(sums), Number(values.top));
  print("by operator and shapes", sums, Number(values.top));
  await release?.();
}

await main();
