import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env.SAMPO_CHROMIUM ?? "/usr/bin/chromium";

/** What to append to the name of a test that needs Chromium, so that a skip says why. */
export const needsChromium = existsSync(executablePath)
  ? ""
  : ` [skipped: no Chromium at ${executablePath}; SAMPO_CHROMIUM names another]`;

/** Says where Chromium's own software graphics processor is; absent in some packages of Chromium. */
const swiftshader = process.env.VK_ICD_FILENAMES ?? "/usr/lib/chromium/vk_swiftshader_icd.json";

/** What to append to the name of a test that needs WebGPU in Chromium. */
export const needsWebgpu =
  needsChromium !== "" || existsSync(swiftshader)
    ? needsChromium
    : ` [skipped: no software graphics processor at ${swiftshader}; VK_ICD_FILENAMES names another]`;

const quiet = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Flags of a browser without a graphics processor, and of one whose graphics processor is computed by SwiftShader. */
export const flags = {
  processor: [...quiet, "--disable-gpu"],
  graphics: [...quiet, "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
} as const;

/** Chromium without a window. */
export function launch(args: readonly string[]): Promise<Browser> {
  const env = {
    ...process.env,
    VK_ICD_FILENAMES: swiftshader,
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
  };
  return chromium.launch({ executablePath, headless: true, args: [...args], env });
}

/** A server of one folder on this machine. */
export interface Site {
  readonly url: string;
  close(): void;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves a folder with the headers that threads need. */
export async function serve(folder: string): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const headers = {
      "Content-Type": types[extname(path)] ?? "application/octet-stream",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    };
    readFile(join(folder, path)).then(
      (content) => response.writeHead(200, headers).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
