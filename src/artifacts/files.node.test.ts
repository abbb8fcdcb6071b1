import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SampoError } from "../base/errors.ts";
import {
  type FileSystem,
  isAlive,
  kindOf,
  listFolder,
  partialPath,
  readBytes,
  readText,
  removeStalePartials,
  writeFileAtomic,
} from "./files.node.ts";

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "sampo-files-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function failing(method: keyof FileSystem, code: string): FileSystem {
  const fail = () => {
    throw Object.assign(new Error(`${code}: injected`), { code });
  };
  return { ...fs, [method]: fail };
}

/** Exited process ids are found by starting one and waiting for its end. */
async function deadPid(): Promise<number> {
  const { spawnSync } = await import("node:child_process");
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("writeFileAtomic", () => {
  it("writes bytes and text, makes missing folders and leaves no partial file", () => {
    const path = join(folder, "a/b/x.bin");
    writeFileAtomic(path, new Uint8Array([1, 2, 3]));
    expect([...readBytes(path)]).toEqual([1, 2, 3]);
    writeFileAtomic(path, "grüße");
    expect(readText(path)).toBe("grüße");
    expect(listFolder(join(folder, "a/b"))).toEqual(["x.bin"]);
  });

  it("writes everything when the system takes a few bytes at a time", () => {
    const path = join(folder, "x");
    const slow = ((descriptor: number, bytes: Uint8Array, from: number, length: number) =>
      fs.writeSync(descriptor, bytes, from, Math.min(3, length))) as typeof fs.writeSync;
    writeFileAtomic(path, "twenty characters ok", { ...fs, writeSync: slow });
    expect(readText(path)).toBe("twenty characters ok");
  });

  for (const [method, code, says] of [
    ["writeSync", "ENOSPC", /disk holding .* is full; free some space/],
    ["fsyncSync", "ENOSPC", /is full/],
    ["fsyncSync", "EIO", /hardware error/],
    ["openSync", "EACCES", /permission denied for .*x\.json/],
    ["openSync", "EROFS", /read-only file system/],
    ["renameSync", "EISDIR", /is a folder where a file was expected/],
    ["mkdirSync", "ENOTDIR", /is a file where a folder was expected/],
    ["writeSync", "EWEIRD", /Cannot write x\.json: .*EWEIRD: injected/],
  ] as const) {
    it(`keeps the old content and cleans up when ${method} fails with ${code}`, () => {
      const path = join(folder, "x.json");
      writeFileAtomic(path, "old");
      const write = () => writeFileAtomic(path, "new", failing(method, code));
      expect(write).toThrow(SampoError);
      expect(write).toThrow(says);
      expect(readText(path)).toBe("old");
      expect(listFolder(folder)).toEqual(["x.json"]);
    });
  }

  it("says what is wrong with a path that is a folder or goes through a file", () => {
    fs.mkdirSync(join(folder, "d"));
    writeFileAtomic(join(folder, "f"), "");
    expect(() => writeFileAtomic(join(folder, "d"), "x")).toThrow(/d is a folder where a file was expected/);
    expect(() => writeFileAtomic(join(folder, "f/x"), "x")).toThrow(/where a folder was expected/);
    expect(listFolder(folder)).toEqual(["d", "f"]);
  });

  it.skipIf(!fs.existsSync("/dev/full"))("meets a really full disk, and does not replace the device", () => {
    expect(() => writeFileAtomic("/dev/full", "x")).toThrow(/\/dev\/full is full/);
    expect(fs.statSync("/dev/full").isCharacterDevice()).toBe(true);
    writeFileAtomic("/dev/null", "x");
    expect(fs.statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("passes over a folder that cannot be synced", () => {
    const open = ((path: string, flags: string) => {
      if (flags === "r") throw Object.assign(new Error("EPERM"), { code: "EPERM" });
      return fs.openSync(path, flags);
    }) as typeof fs.openSync;
    writeFileAtomic(join(folder, "x"), "1", { ...fs, openSync: open });
    expect(readText(join(folder, "x"))).toBe("1");
  });
});

describe("partial files", () => {
  it("goes when its process is dead and stays while it runs", async () => {
    fs.writeFileSync(partialPath(join(folder, "mine")), "");
    fs.writeFileSync(join(folder, `theirs.partial-${await deadPid()}`), "");
    removeStalePartials(folder);
    expect(listFolder(folder)).toEqual([`mine.partial-${process.pid}`]);
  });

  it("knows running processes", async () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(await deadPid())).toBe(false);
  });
});

describe("readers", () => {
  it("name the missing file", () => {
    expect(() => readText(join(folder, "no.txt"))).toThrow(/Cannot read no\.txt: .*no\.txt does not exist/);
    expect(() => readBytes(folder)).toThrow(/is a folder where a file was expected/);
  });

  it("tell files, folders, devices and nothing apart", () => {
    writeFileAtomic(join(folder, "f"), "");
    const kinds = [join(folder, "f"), folder, join(folder, "none"), join(folder, "f/under")].map(kindOf);
    expect(kinds).toEqual(["file", "folder", "nothing", "nothing"]);
  });
});
