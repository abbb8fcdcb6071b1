import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { describeMachine, describeVersions } from "../../artifacts/environment.node.ts";
import { kindOf } from "../../artifacts/files.node.ts";
import { cacheFolder } from "../../data/files.node.ts";
import { openRuntime } from "../../runtime/choose.node.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { formatBytes, formatDuration } from "../output/index.ts";
import { runtimeOptions } from "../runtime.ts";
import { selfTest } from "../self-test.ts";

/** How one thing stands: `no` is a lack that something else makes up for, `bad` one that stops the work. */
interface Finding {
  readonly name: string;
  readonly state: "ok" | "no" | "bad";
  readonly detail: string;
}

const LEAST_NODE = [20, 19] as const;
const LITTLE_DISK = 2 ** 29;

/** `sampo doctor`. */
export const doctorCommand: CommandSpec = {
  name: "doctor",
  summary: "Check this machine: engine, devices, data folders, disk; compute something and time it.",
  options: runtimeOptions,
  examples: ["doctor", "doctor --device wasm --json"],
  run: doctor,
};

async function doctor({ options, out }: Invocation): Promise<Result> {
  const device = String(options.device ?? "auto");
  const computing = await checkComputing(device, options.threads as number | undefined);
  const findings = [
    checkNode(),
    machine(),
    await checkDevice("native engine", "cpu"),
    await checkDevice("WebAssembly", "wasm"),
    await checkGraphics(),
    ...folders(),
    computing,
  ];
  const healthy = findings.every(({ state }) => state !== "bad");
  const { green, yellow, red } = out.colours;
  const marks = { ok: green("ok"), no: yellow("no"), bad: red("bad") };
  const wide = Math.max(...findings.map(({ name }) => name.length));
  const pad = { ok: "  ", no: "  ", bad: " " };
  const lines = findings.map(
    ({ name, state, detail }) => `${marks[state]}${pad[state]} ${name.padEnd(wide)}  ${detail}`,
  );
  const verdict = healthy
    ? "\nReady. Start with: sampo tour"
    : "\nSampo cannot work like this; mend what is marked bad.";
  return {
    text: [...lines, verdict].join("\n"),
    json: { healthy, versions: describeVersions(), machine: describeMachine(), findings },
    exitCode: healthy ? 0 : 1,
  };
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const cure = fits ? "" : `; Sampo needs ${LEAST_NODE.join(".")} or newer`;
  return { name: "Node", state: fits ? "ok" : "bad", detail: `${process.versions.node}${cure}` };
}

function machine(): Finding {
  const { cpu, cores, memory, platform } = describeMachine();
  return { name: "machine", state: "ok", detail: `${cores} cores, ${cpu}, ${formatBytes(memory)}, ${platform}` };
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

/** Whether a device exists; one that is missing is made up for by another. */
async function checkDevice(name: string, device: string): Promise<Finding> {
  let runtime: Runtime | undefined;
  try {
    runtime = await openRuntime({ device });
    const refused = runtime.notes.find((note) => /not available/.test(note));
    return { name, state: refused ? "no" : "ok", detail: refused ?? runtime.notes.join("; ") };
  } catch (error) {
    return { name, state: "no", detail: reason(error) };
  } finally {
    await runtime?.dispose();
  }
}

/** Looks for WebGPU; without a graphics device the native engine need not be asked, which would complain loudly. */
async function checkGraphics(): Promise<Finding> {
  const places = ["/dev/dri", "/dev/nvidia0", "/dev/dxg"];
  if (process.platform === "linux" && places.every((path) => kindOf(path) === "nothing"))
    return { name: "WebGPU", state: "no", detail: "no graphics device; the processor computes" };
  return checkDevice("WebGPU", "webgpu");
}

/** Computes on the chosen device; without this nothing works. */
async function checkComputing(device: string, threads: number | undefined): Promise<Finding> {
  const name = `compute (${device})`;
  const runtime = await openRuntime({ device, ...(threads === undefined ? {} : { threads }) });
  try {
    const { matmul, convolution, error } = await selfTest(runtime);
    const right = error < 1e-3;
    const detail = right
      ? `on ${runtime.name}: matrix product ${formatDuration(matmul.seconds)} (${matmul.gigaflops.toFixed(0)} GFLOP/s), convolution ${formatDuration(convolution.seconds)} (${convolution.gigaflops.toFixed(0)} GFLOP/s)`
      : `${runtime.name} computes wrong numbers (relative error ${error.toExponential(1)}); try another --device`;
    return { name, state: right ? "ok" : "bad", detail };
  } catch (error) {
    return { name, state: "bad", detail: reason(error) };
  } finally {
    await runtime.dispose();
  }
}

/** The nearest folder that exists at or above a path. */
function standing(path: string): string {
  return kindOf(path) === "folder" || dirname(path) === path ? path : standing(dirname(path));
}

function freeSpace(path: string): number {
  const { bavail, bsize } = statfsSync(standing(path));
  return bavail * bsize;
}

function folders(): Finding[] {
  const data = process.env.SAMPO_DATA;
  const cache = cacheFolder();
  const here = freeSpace(process.cwd());
  return [
    data === undefined
      ? { name: "SAMPO_DATA", state: "no", detail: "not set; published data sets are downloaded when asked for" }
      : kindOf(data) === "folder"
        ? { name: "SAMPO_DATA", state: "ok", detail: data }
        : { name: "SAMPO_DATA", state: "bad", detail: `names ${data}, which is no folder; correct it or unset it` },
    { name: "cache", state: "ok", detail: `${cache}, ${formatBytes(freeSpace(cache))} free` },
    {
      name: "disk",
      state: here < LITTLE_DISK ? "no" : "ok",
      detail: `${formatBytes(here)} free in ${process.cwd()}`,
    },
  ];
}
