import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { openRuntime } from "sampo/node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { browserBundle } from "../../scripts/browser-bundle.ts";
import { flags, launch, needsChromium, needsWebgpu, type Site, serve } from "../support/browser.ts";
import { classical } from "./browser/classical.ts";
import { type Report, trainAndSample } from "./browser/program.ts";

const page = `<!doctype html><meta charset="utf-8"><title>Sampo</title><script type="module" src="/page.mjs"></script>`;

/** Compiling on a software graphics processor takes long on a busy machine. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe.skipIf(needsChromium !== "")(`a page in Chromium${needsChromium}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "sampo-browser-"));
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    await browserBundle(folder, { sampo: "src/index.ts", page: "tests/e2e/browser/page.ts" });
    writeFileSync(join(folder, "index.html"), page);
    site = await serve(folder);
    browser = await launch(flags.processor);
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
    rmSync(folder, { recursive: true });
  });

  async function inPage<R = Report>(
    call: string,
    among = browser,
  ): Promise<{ report: R; errors: string[]; isolated: boolean }> {
    const tab = await among.newPage();
    const errors: string[] = [];
    tab.on("pageerror", (error) => errors.push(String(error)));
    await tab.goto(`${site.url}/index.html`);
    await tab.waitForFunction("globalThis.wasm");
    const report = (await tab.evaluate(call)) as R;
    const isolated = (await tab.evaluate("crossOriginIsolated")) as boolean;
    await tab.close();
    return { report, errors, isolated };
  }

  test("trains a variational autoencoder with the losses that Node has, and samples from it", async () => {
    const { report, errors } = await inPage("wasm(0, 50)");
    expect(errors).toEqual([]);
    expect(report.notes[0]).toMatch(/WebAssembly/);
    expect(report.losses).toHaveLength(50);
    expect(report.losses.at(-1)!).toBeLessThan(report.losses[0]! - 100);
    const runtime = await openRuntime();
    const node = await trainAndSample(runtime, 50);
    await runtime.dispose();
    report.losses.slice(0, 3).forEach((loss, i) => {
      expect(Math.abs(loss / node.losses[i]! - 1)).toBeLessThan(1e-6);
    });
    report.losses.forEach((loss, i) => {
      expect(Math.abs(loss / node.losses[i]! - 1)).toBeLessThan(1e-3);
    });
    expect(report.samples).toHaveLength(16 * 784);
    report.samples.forEach((value, i) => {
      if (!(Math.abs(value - node.samples[i]!) < 1e-2)) expect(value).toBeCloseTo(node.samples[i]!, 2);
    });
    expect(Math.max(...report.samples) - Math.min(...report.samples)).toBeGreaterThan(0.3);
  });

  test("asks networks, fits and draws without an engine, with the numbers of Node", async () => {
    const { report, errors } = await inPage<Awaited<ReturnType<typeof classical>>>("classical()");
    expect(errors).toEqual([]);
    for (const [name, numbers] of Object.entries(await classical()))
      numbers.forEach((value, i) => {
        const tolerance = name === "means" ? 1e-6 : 1e-9;
        expect(Math.abs(report[name]![i]! - value), `${name} ${i}`).toBeLessThan(tolerance * (1 + Math.abs(value)));
      });
  });

  test("computes on two threads where the page is isolated from others", async () => {
    const { report, errors, isolated } = await inPage("wasm(2, 3)");
    expect(errors).toEqual([]);
    expect(isolated).toBe(true);
    expect(report.notes[0]).toContain("2 threads");
    expect(report.losses[2]!).toBeLessThan(report.losses[0]!);
  });

  test.skipIf(needsWebgpu !== "")(`trains on WebGPU with the losses of WebAssembly${needsWebgpu}`, async () => {
    const graphics = await launch(flags.graphics);
    const { report, errors } = await inPage("webgpu(1)", graphics);
    await graphics.close();
    const { report: expected } = await inPage("wasm(1, 1)");
    expect(errors).toEqual([]);
    expect(report.notes[0]).toContain("WebGPU");
    report.losses.forEach((loss, i) => {
      expect(Math.abs(loss / expected.losses[i]! - 1)).toBeLessThan(1e-4);
    });
  });
});
