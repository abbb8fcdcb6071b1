import { openRuntime } from "../runtime/choose.node.ts";
import type { Runtime } from "../runtime/index.ts";
import type { OptionSpec } from "./command.ts";
import type { Reporter } from "./output/index.ts";
import { wholeNumber } from "./parse.ts";

/** Options every command that computes takes. */
export const runtimeOptions: readonly OptionSpec[] = [
  { flags: "--device <name>", description: "auto, cpu, webgpu, wasm or reference", default: "auto" },
  { flags: "--threads <number>", description: "threads of the engine (all cores)", parse: wholeNumber(1) },
];

/** Opens the runtime a command line asks for and passes on what it has to say. */
export async function runtimeFor(options: Readonly<Record<string, unknown>>, out: Reporter): Promise<Runtime> {
  const { device, threads } = options as { device?: string; threads?: number };
  const runtime = await openRuntime({
    device: (device ?? "auto") as never,
    ...(threads === undefined ? {} : { threads }),
  });
  for (const note of runtime.notes) if (/not available|hint|slower/i.test(note)) out.warn(note);
  return runtime;
}
