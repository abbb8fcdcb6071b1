import { spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataError, SampoError } from "../base/errors.ts";
import { readText } from "./files.node.ts";
import { parseJson, printJson } from "./json.ts";
import { appendJsonLines, readJsonLines, truncateAfterStep } from "./jsonl.node.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "sampo-jsonl-"));
  path = join(folder, "metrics.jsonl");
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe("json", () => {
  it("keeps numbers that JSON lacks", () => {
    const value = { a: Number.NaN, b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], c: 1.5, d: "text" };
    expect(parseJson(printJson(value))).toEqual(value);
  });
});

describe("JSON lines", () => {
  it("come back in order, over several openings", () => {
    for (const step of [1, 2]) {
      const writer = appendJsonLines(path);
      writer.append({ step, loss: step / 3 });
      writer.close();
      writer.close();
    }
    expect(readJsonLines(path)).toEqual([
      { step: 1, loss: 1 / 3 },
      { step: 2, loss: 2 / 3 },
    ]);
  });

  it("survive a tear at any byte: all whole lines are read and appending goes on", () => {
    const records = [
      { step: 1, note: "ä{}" },
      { step: 2, loss: -0.25 },
      { step: 3, loss: Number.NaN },
    ];
    const bytes = Buffer.from(records.map((record) => `${printJson(record)}\n`).join(""));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (cut) => {
        fs.writeFileSync(path, bytes.subarray(0, cut));
        const whole = bytes.subarray(0, cut).toString().split("}\n").length - 1;
        const read = readJsonLines(path);
        expect([whole, whole + 1]).toContain(read.length);
        expect(read).toEqual(records.slice(0, read.length));
        const writer = appendJsonLines(path);
        writer.append({ step: 9 });
        writer.close();
        expect(readJsonLines(path)).toEqual([...read, { step: 9 }]);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("lose nothing that was appended when the process is killed", async () => {
    const program = `const { appendJsonLines } = await import(process.argv[1]);
      const writer = appendJsonLines(process.argv[2]);
      for (let step = 0; ; step++) { writer.append({ step }); if (step === 50) process.send("far enough"); }`;
    const module = new URL("./jsonl.node.ts", import.meta.url).href;
    const args = ["--import", "tsx", "--input-type=module", "-e", program, module, path];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    await new Promise((resolve) => child.once("message", resolve));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const steps = readJsonLines(path).map((record) => record.step);
    expect(steps.length).toBeGreaterThan(50);
    expect(steps).toEqual(steps.map((_, index) => index));
  });

  it("truncate after the resumed step and keep records without a step", () => {
    fs.writeFileSync(path, '{"step":1}\n{"event":"start"}\n{"step":5}\n{"step":6}\n{"st');
    truncateAfterStep(path, 5);
    expect(readText(path)).toBe('{"step":1}\n{"event":"start"}\n{"step":5}\n');
    truncateAfterStep(join(folder, "absent.jsonl"), 5);
  });

  it("name a bad line that no tear explains", () => {
    fs.writeFileSync(path, '{"step":1}\nrubbish\n{"step":2}\n');
    expect(() => readJsonLines(path)).toThrow(DataError);
    expect(() => readJsonLines(path)).toThrow(/metrics\.jsonl line 2 is not a JSON object; remove this line/);
    fs.writeFileSync(path, "[1]\n");
    expect(() => readJsonLines(path)).toThrow(/line 1/);
  });

  it("refuse to append after closing", () => {
    const writer = appendJsonLines(path);
    writer.close();
    expect(() => writer.append({})).toThrow(/was closed/);
  });

  it("report a full disk in one sentence (injected)", () => {
    const writeSync = () => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    };
    const writer = appendJsonLines(path, { ...fs, writeSync });
    expect(() => writer.append({ step: 1 })).toThrow(SampoError);
    expect(() => writer.append({ step: 1 })).toThrow(/Cannot append to metrics\.jsonl: the disk holding .* is full/);
    writer.close();
  });

  it.skipIf(!fs.existsSync("/dev/full"))("report a full disk in one sentence (a really full device)", () => {
    const writer = appendJsonLines("/dev/full");
    expect(() => writer.append({ step: 1 })).toThrow(/\/dev\/full is full; free some space/);
    writer.close();
  });
});
