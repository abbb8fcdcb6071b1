import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { build } from "tsdown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PageReport } from "./page.ts";

const executablePath = process.env.SAMPO_CHROMIUM ?? "/usr/bin/chromium";
const engineFiles = fileURLToPath(new URL("../../../node_modules/onnxruntime-web/dist", import.meta.url));
const types: Record<string, string> = {
  ".mjs": "text/javascript",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves the bundle and the engine's files with the headers that threads need. */
function serve(bundle: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", types[extname(path)] ?? "text/html");
    if (path === "/") return response.end(`<script type="module" src="/page.js"></script>`);
    const file = path.startsWith("/ort/") ? join(engineFiles, path.slice(5)) : join(bundle, path);
    return response.end(await readFile(file).catch(() => ""));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

describe.skipIf(!existsSync(executablePath))(`in Chromium (skipped where ${executablePath} is absent)`, () => {
  let folder: string;
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sampo-browser-"));
    await build({
      entry: [fileURLToPath(new URL("page.ts", import.meta.url))],
      outDir: folder,
      platform: "browser",
      format: "esm",
      deps: { alwaysBundle: [/.*/] },
      inputOptions: { resolve: { conditionNames: ["onnxruntime-web-use-extern-wasm", "browser", "import"] } },
      dts: false,
      config: false,
      logLevel: "silent",
    });
    server = await serve(folder);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("WebAssembly computes every primitive like the reference", async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction("globalThis.comparePrimitives");
    const report = (await page.evaluate("comparePrimitives()")) as PageReport;
    expect(report.failures).toEqual([]);
    expect(report.count).toBeGreaterThan(80);
    expect(report.notes[0]).toMatch(/WebAssembly/);
  });
});
