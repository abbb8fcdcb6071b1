import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataError, SampoError, UsageError } from "../base/errors.ts";
import { describeMachine, describeVersions } from "./environment.node.ts";
import { readText } from "./files.node.ts";
import { commandLines } from "./manifest.ts";
import { createRun, listRuns, type NewManifest, openRun, resumeRun, runPaths, updateManifest } from "./run.node.ts";

let root = "";
let folder = "";
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "sampo-run-"));
  folder = join(root, "runs/v");
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const manifest: NewManifest = {
  model: "vae",
  configuration: { latent: 50, layers: [200, 200] },
  preset: "paper",
  data: {
    name: "toy",
    hash: "0".repeat(64),
    source: {},
    protocol: "drawn",
    spec: { shape: [1, 28, 28], values: "binary" },
  },
  seed: 0,
  versions: describeVersions(),
  machine: describeMachine(),
  command: ["train", "vae", "--data", "toy"],
};

describe("environment", () => {
  it("names this package, this Node and this machine", () => {
    const version = (JSON.parse(readText("package.json")) as { version: string }).version;
    expect(describeVersions()).toMatchObject({ sampo: version, node: process.versions.node });
    expect(describeVersions().onnxruntime).toMatch(/^\d+\.\d+\.\d+ \((native|WebAssembly)\)$/);
    expect(describeMachine().cores).toBeGreaterThan(0);
  });
});

describe("createRun", () => {
  it("makes the folder, locks it, and the run opens with the same manifest", () => {
    const run = createRun(folder, manifest);
    expect(openRun(folder).manifest).toEqual(run.manifest);
    expect(run.manifest).toMatchObject({ ...manifest, format: 1, status: "running", seconds: 0 });
    expect(fs.readdirSync(folder).sort()).toEqual(["checkpoints", "manifest.json", "pictures", "run.lock"]);
    run.release();
    expect(fs.existsSync(run.paths.lock)).toBe(false);
  });

  it("refuses a folder that holds other things, and leaves it and its lock alone", () => {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(join(folder, "thesis.tex"), "x");
    expect(() => createRun(folder, manifest, { overwrite: true })).toThrow(UsageError);
    expect(() => createRun(folder, manifest)).toThrow(/not empty \(it holds thesis\.tex\) and is not a run/);
    expect(fs.readdirSync(folder)).toEqual(["thesis.tex"]);
  });

  it("takes an empty folder, and one where only a killed start left its traces", () => {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(join(folder, "manifest.json.partial-999999"), "{");
    createRun(folder, manifest).release();
    expect(openRun(folder).manifest.model).toBe("vae");
  });

  it("refuses a file", () => {
    expect(() => createRun(join(process.cwd(), "package.json"), manifest)).toThrow(/is a file; give the path of a new/);
  });

  it("puts a run in the place of one that failed before it kept anything, and of no other", () => {
    const failed = updateManifest(createRun(folder, manifest), { status: "failed" });
    fs.writeFileSync(failed.paths.metrics, "{}\n");
    failed.release();
    const run = updateManifest(createRun(folder, { ...manifest, seed: 3 }), {
      status: "failed",
      last: { step: 1, figures: {} },
    });
    run.release();
    expect([openRun(folder).manifest.seed, fs.existsSync(run.paths.metrics)]).toEqual([3, false]);
    expect(() => createRun(folder, manifest)).toThrow(/already holds a run \(vae on toy, step 1, failed\)/);
  });

  it("does not overwrite a run unless asked, then removes the run and nothing else", () => {
    createRun(folder, manifest).release();
    fs.writeFileSync(runPaths(folder).last, "weights");
    fs.writeFileSync(join(folder, "notes.txt"), "mine");
    expect(() => createRun(folder, manifest)).toThrow(
      /already holds a run \(vae on toy, running\); continue it with --resume .*runs\/v, or choose another folder/,
    );
    expect(fs.existsSync(runPaths(folder).last)).toBe(true);
    createRun(folder, { ...manifest, seed: 7 }, { overwrite: true }).release();
    expect(openRun(folder).manifest.seed).toBe(7);
    expect(fs.existsSync(runPaths(folder).last)).toBe(false);
    expect(readText(join(folder, "notes.txt"))).toBe("mine");
  });

  it("writes no manifest it could not read again, and gives the lock back", () => {
    expect(() => createRun(folder, { ...manifest, seed: 0.5 })).toThrow(/seed/);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe("updateManifest", () => {
  it("changes what it is told, keeps the rest, and holds figures of a diverged run", () => {
    const run = createRun(folder, manifest);
    const later = updateManifest(run, { status: "diverged", last: { step: 9, figures: { elbo: Number.NaN } } });
    expect(later.manifest.created).toBe(run.manifest.created);
    expect(openRun(folder).manifest).toEqual(later.manifest);
    expect(openRun(folder).manifest.last?.figures.elbo).toBeNaN();
    later.release();
  });
});

describe("openRun", () => {
  const write = (text: string) => {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(runPaths(folder).manifest, text);
  };

  it("says when there is nothing, a file, or no run", () => {
    expect(() => openRun(folder)).toThrow(/There is no run at .*runs\/v; check the path/);
    expect(() => openRun("package.json")).toThrow(/package\.json is a file, not a run folder/);
    expect(() => openRun(root)).toThrow(/is not a run: it has no manifest\.json/);
  });

  it("says when the manifest is torn, of a wrong form, or newer", () => {
    write('{"format": 1, "mod');
    expect(() => openRun(folder)).toThrow(DataError);
    expect(() => openRun(folder)).toThrow(/manifest\.json is not JSON; restore it/);
    write('{"format": 1, "model": 3}');
    expect(() => openRun(folder)).toThrow(/manifest\.json is damaged \(model: .*string/);
    write("[]");
    expect(() => openRun(folder)).toThrow(/is damaged/);
    write('{"format": 2, "anything": true}');
    expect(() => openRun(folder)).toThrow(/newer Sampo \(format 2, this version reads up to 1\); update Sampo/);
  });

  it("refuses fields it does not know", () => {
    createRun(folder, manifest).release();
    write(JSON.stringify({ ...openRun(folder).manifest, extra: 1 }));
    expect(() => openRun(folder)).toThrow(/is damaged \(.*extra/);
  });
});

describe("locking", () => {
  it("keeps a second writer out while the first runs", () => {
    const run = createRun(folder, manifest);
    expect(() => resumeRun(folder)).toThrow(SampoError);
    expect(() => resumeRun(folder)).toThrow(new RegExp(`is being written by process ${process.pid} on`));
    expect(() => createRun(folder, manifest, { overwrite: true })).toThrow(/is being written by/);
    expect(openRun(folder).manifest.model).toBe("vae");
    run.release();
    resumeRun(folder).release();
  });

  it("is not held by a killed process, and its partial files are cleared away", async () => {
    const program = `const { createRun } = await import(process.argv[1]);
      createRun(process.argv[2], JSON.parse(process.argv[3])); process.send("locked"); setInterval(() => {}, 1000);`;
    const module = new URL("./run.node.ts", import.meta.url).href;
    const args = ["--import", "tsx", "--input-type=module", "-e", program, module, folder, JSON.stringify(manifest)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    await new Promise((resolve) => child.once("message", resolve));
    expect(() => resumeRun(folder)).toThrow(new RegExp(`by process ${child.pid} on`));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const partial = `${runPaths(folder).last}.partial-${child.pid}`;
    fs.writeFileSync(partial, "half");
    resumeRun(folder).release();
    expect(fs.existsSync(partial)).toBe(false);
  });

  it.skipIf(!fs.existsSync("/proc/self/stat"))("sees through a reused process id", () => {
    createRun(folder, manifest).release();
    fs.writeFileSync(runPaths(folder).lock, JSON.stringify({ pid: process.pid, host: hostname(), started: "1" }));
    resumeRun(folder).release();
  });

  it("cannot judge another machine's lock and says so", () => {
    createRun(folder, manifest).release();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    fs.writeFileSync(runPaths(folder).lock, JSON.stringify({ pid, host: "elsewhere" }));
    expect(() => resumeRun(folder)).toThrow(/on elsewhere; wait .* or delete .*run\.lock if that process is gone/);
  });

  it("takes over a lock that was left half written", () => {
    createRun(folder, manifest).release();
    const { lock } = runPaths(folder);
    fs.writeFileSync(lock, '{"pi');
    expect(() => resumeRun(folder)).toThrow(/being written by another process/);
    fs.utimesSync(lock, new Date(0), new Date(0));
    resumeRun(folder).release();
  });

  it("is released only by its holder", () => {
    const run = createRun(folder, manifest);
    fs.writeFileSync(run.paths.lock, JSON.stringify({ pid: 1, host: "elsewhere" }));
    run.release();
    expect(fs.existsSync(run.paths.lock)).toBe(true);
  });
});

describe("listRuns", () => {
  it("finds runs at several depths, oldest first, and says why one cannot be opened", () => {
    const first = createRun(join(root, "b"), manifest);
    first.release();
    updateManifest(first, {});
    createRun(join(root, "group/a"), { ...manifest, seed: 1 }).release();
    const broken = join(root, "broken");
    fs.mkdirSync(broken);
    fs.writeFileSync(join(broken, "manifest.json"), "{");
    const found = listRuns(root).map((run) => [run.folder.slice(root.length + 1), "problem" in run]);
    expect(found[0]).toEqual(["broken", true]);
    expect(
      found
        .slice(1)
        .map((entry) => entry[0])
        .sort(),
    ).toEqual(["b", "group/a"]);
    expect(listRuns(join(root, "absent"))).toEqual([]);
  });
});

describe("command lines of a run", () => {
  it("are all kept, as a shell takes them", () => {
    const resumed = [["train", "--resume", "my runs/it's"]];
    expect(commandLines({ command: ["train", "vae", "--set", "latent=3"], resumed })).toEqual([
      "sampo train vae --set latent=3",
      "sampo train --resume 'my runs/it'\\''s'",
    ]);
  });
});
