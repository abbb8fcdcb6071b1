import fs from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Manifest } from "./manifest.ts";

interface PackageFile {
  name?: string;
  version?: string;
}

/** The package.json that stands in `start` or nearest above it and carries this name. */
function packageAbove(start: string, name: string): PackageFile | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (fs.existsSync(path)) {
      const content = JSON.parse(fs.readFileSync(path, "utf8")) as PackageFile;
      if (content.name === name) return content;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function installedVersion(name: string): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve(name);
    return packageAbove(dirname(main), name)?.version;
  } catch {
    return undefined;
  }
}

function runtimeVersion(): string | undefined {
  const native = installedVersion("onnxruntime-node");
  if (native) return `${native} (native)`;
  const web = installedVersion("onnxruntime-web");
  return web && `${web} (WebAssembly)`;
}

/** The versions a run depends on. */
export function describeVersions(): Manifest["versions"] {
  const sampo = packageAbove(dirname(fileURLToPath(import.meta.url)), "sampo")?.version ?? "unknown";
  const onnxruntime = runtimeVersion();
  return { sampo, node: process.versions.node, ...(onnxruntime ? { onnxruntime } : {}) };
}

/** The machine a run is trained on; memory in bytes. */
export function describeMachine(): Manifest["machine"] {
  const cpu = cpus()[0]?.model.trim() || "unknown";
  return { cpu, cores: availableParallelism(), memory: totalmem(), platform: `${type()} ${release()} ${arch()}` };
}
