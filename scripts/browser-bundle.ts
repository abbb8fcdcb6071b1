import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "tsdown";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The engine's WebAssembly: for the processor, and for WebGPU. */
const engineFiles = { wasm: "ort-wasm-simd-threaded.wasm", webgpu: "ort-wasm-simd-threaded.asyncify.wasm" } as const;

/** Size of a file as it is, and as servers send it. */
interface Size {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** What a page loads: our code with the libraries it uses, the engine's script, the engine's WebAssembly. */
export interface BundleSizes {
  readonly core: Size;
  readonly engineScript: Size;
  readonly engine: Size;
}

/**
 * Bundles entries for browsers into a folder, minified, with every dependency inside; ONNX Runtime becomes a chunk of
 * its own that is loaded on demand, and its WebAssembly lies beside.
 */
export async function browserBundle(folder: string, entry: Readonly<Record<string, string>>): Promise<void> {
  await build({
    config: false,
    cwd: root,
    entry: { ...entry },
    outDir: folder,
    format: "esm",
    platform: "browser",
    target: "es2023",
    minify: true,
    dts: false,
    logLevel: "error",
    deps: { alwaysBundle: [/.*/], onlyBundle: false },
    outExtensions: () => ({ js: ".mjs" }),
    outputOptions: { chunkFileNames: "[name].mjs" },
  });
  for (const file of Object.values(engineFiles))
    copyFileSync(join(root, "node_modules/onnxruntime-web/dist", file), join(folder, file));
}

function sizeOf(folder: string, names: readonly string[]): Size {
  const contents = names.map((name) => readFileSync(join(folder, name)));
  const total = (measure: (bytes: Buffer) => number) => contents.reduce((sum, bytes) => sum + measure(bytes), 0);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  return {
    raw: total((bytes) => bytes.length),
    gzip: total((bytes) => gzipSync(bytes).length),
    brotli: total((bytes) => brotliCompressSync(bytes, { params }).length),
  };
}

/** Sizes of a bundle that holds the library alone, as a page without WebGPU loads it. */
export function bundleSizes(folder: string): BundleSizes {
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".mjs") && !name.startsWith("ort.webgpu"));
  const engineScripts = scripts.filter((name) => name.startsWith("ort.wasm"));
  return {
    core: sizeOf(
      folder,
      scripts.filter((name) => !engineScripts.includes(name)),
    ),
    engineScript: sizeOf(folder, engineScripts),
    engine: sizeOf(folder, [engineFiles.wasm]),
  };
}

/** A size in one line. */
export function showSize({ raw, gzip, brotli }: Size): string {
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
  return `${kilobytes(raw)}, gzip ${kilobytes(gzip)}, brotli ${kilobytes(brotli)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(root, ".cache", "browser");
  await browserBundle(folder, { sampo: "src/index.ts" });
  for (const [name, size] of Object.entries(bundleSizes(folder))) console.log(`${name}: ${showSize(size)}`);
}
