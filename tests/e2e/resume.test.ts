import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJsonLines } from "../../src/artifacts/jsonl.node.ts";
import { openRun } from "../../src/artifacts/run.node.ts";
import { decodeSafetensors } from "../../src/base/codec/safetensors.ts";
import { sampo, start, temporary, writeDigits } from "./support.ts";

const place = temporary("resume");
const { at } = place;
const STEPS = 2500;
/** Steps between validations; where a run is stopped between two, it validates once more, which leaves no trace in its state. */
const EVERY = 500;
let train: string[] = [];

beforeAll(async () => {
  const data = writeDigits(at("data"), "digits-binary");
  const model = ["--set", "hidden=48", "--set", "latent=4", "--ema", "0.9", "--batch-size", "24"];
  train = ["train", "vae", "--data", data, ...model, "--steps", `${STEPS}`, "--validate-every", `${EVERY}`, "--quiet"];
  const ended = await sampo(...train, "--out", at("whole"));
  expect([ended.code, ended.stderr]).toEqual([0, ""]);
});

afterAll(() => place.clean());

/** Everything a run is, without the times. */
function contents(folder: string) {
  const bytes = (name: string) => new Uint8Array(readFileSync(at(folder, "checkpoints", name)));
  const { tensors, metadata } = decodeSafetensors(bytes("last.safetensors"));
  const { seconds: _, ...state } = JSON.parse(metadata.state!) as Record<string, unknown>;
  const validations = readJsonLines(at(folder, "metrics.jsonl"))
    .filter(({ split, step }) => split === "valid" && Number(step) % EVERY === 0)
    .map(({ seconds: _time, ...rest }) => rest);
  return { tensors: Object.fromEntries(tensors), state, best: bytes("best.safetensors"), validations };
}

async function until(happened: () => boolean, child: ChildProcess): Promise<void> {
  while (!happened() && child.exitCode === null) await wait(10);
  expect(happened()).toBe(true);
}

const often = ["--checkpoint-every", "0.1s"];
const resume = (folder: string, ...more: string[]) => ["train", "--resume", at(folder), "--quiet", ...more];
const checkpoint = (folder: string) => at(folder, "checkpoints", "last.safetensors");

/** How far a run came, as its last checkpoint says. */
function stepOf(folder: string): number {
  if (!existsSync(checkpoint(folder))) return 0;
  const { metadata } = decodeSafetensors(new Uint8Array(readFileSync(checkpoint(folder))));
  return (JSON.parse(metadata.state!) as { step: number }).step;
}

describe("a run that was stopped and resumed is, bit for bit, the run that never stopped", () => {
  it("after kill -9 at any moment", async () => {
    const kill = async (argv: string[], moment: (child: ChildProcess) => Promise<void>) => {
      const { child, ended } = start([...argv, ...often]);
      await moment(child);
      child.kill("SIGKILL");
      expect((await ended).signal).toBe("SIGKILL");
    };
    await kill([...train, "--out", at("killed")], (child) =>
      until(() => existsSync(at("killed", "manifest.json")), child),
    );
    for (let round = 0; round < 2; round++) {
      const before = stepOf("killed");
      await kill(resume("killed"), async (child) => {
        await until(() => stepOf("killed") > before, child);
        await wait(Math.random() * 80);
      });
      expect(stepOf("killed")).toBeGreaterThan(before);
    }
    expect(stepOf("killed")).toBeLessThan(STEPS);
    expect((await sampo("runs", at("killed"))).stdout).toMatch(/ killed /);
    const last = await sampo(...resume("killed"));
    expect([last.code, last.stderr]).toEqual([0, ""]);
    expect(contents("killed")).toEqual(contents("whole"));
  });

  it("after Ctrl-C, which saves and says how to go on, and after the time was up", async () => {
    const { child, ended } = start([...train.filter((word) => word !== "--quiet"), ...often, "--out", at("stopped")]);
    await until(() => stepOf("stopped") > 0, child);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toContain("Stopping after this step and saving");
    expect(stdout).toContain("Interrupted; the state is saved.");
    expect(stdout).toContain(`Go on with: sampo train --resume ${at("stopped")}`);
    const reached = stepOf("stopped");
    expect(reached).toBeLessThan(STEPS);
    const timed = await sampo(...resume("stopped", "--time", "0.2s"));
    expect(timed.stdout).toContain("The time is up.");
    expect(stepOf("stopped")).toBeGreaterThan(reached);
    expect((await sampo(...resume("stopped"))).code).toBe(0);
    const { command, resumed } = openRun(at("stopped")).manifest;
    expect([command[0], resumed]).toEqual(["train", [resume("stopped", "--time", "0.2s"), resume("stopped")]]);
    expect(readFileSync(at("stopped", "report.html"), "utf8")).toContain(
      `--resume ${at("stopped")} --quiet --time 0.2s`,
    );
    expect(contents("stopped")).toEqual(contents("whole"));
  });
});

describe("Ctrl-C twice", () => {
  it("ends the process at once and leaves a run that can go on", async () => {
    const { child, ended } = start([...train.filter((word) => word !== "--quiet"), ...often, "--out", at("twice")]);
    await until(() => stepOf("twice") > 0, child);
    child.stderr?.on("data", (text) => {
      if (String(text).includes("Stopping")) child.kill("SIGINT");
    });
    child.kill("SIGINT");
    expect((await ended).signal).toBe("SIGINT");
    expect(existsSync(at("twice", "report.html"))).toBe(false);
    const further = await sampo(...resume("twice", "--steps", `${stepOf("twice") + 5}`));
    expect([further.code, further.stderr]).toEqual([0, ""]);
  });
});

describe("resuming", () => {
  it("refuses what would make it another run, and two at a time", async () => {
    const changed = await sampo(...resume("whole", "--seed", "1"));
    expect([changed.code, changed.stderr]).toEqual([2, expect.stringMatching(/leave --seed out, or train a new run/)]);
    const started = await sampo(...resume("whole", "--init", "parameters.safetensors"));
    expect([started.code, started.stderr]).toEqual([2, expect.stringMatching(/leave --init out, or train a new run/)]);
    const { child, ended } = start(resume("whole", "--steps", "1000000"));
    await until(() => existsSync(at("whole", "run.lock")), child);
    const second = await sampo(...resume("whole"));
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/whole/);
    child.kill("SIGKILL");
    await ended;
  });
});
