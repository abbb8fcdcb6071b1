import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Download, download } from "./download.node.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const content = Buffer.from(Uint8Array.from({ length: 50_000 }, (_, i) => (i * i * 7) & 255));
const sha256 = createHash("sha256").update(content).digest("hex");
const quick = { pause: 1, timeout: 2000 };

let folder: string;
let server: Server;
let answers: Record<string, Answer[]>;
let seen: { path: string; range: string | undefined }[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "sampo-download-"));
  seen = [];
  server = createServer((request, response) => {
    const queue = answers[request.url!] ?? [];
    seen.push({ path: request.url!, range: request.headers.range });
    const answer = queue.length > 1 ? queue.shift()! : queue[0];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const address = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${name}`;
const target = () => path.join(folder, "deep", "file.bin");
const request = (...names: string[]): Download => ({
  urls: names.map(address),
  target: target(),
  sha256,
  bytes: content.length,
});
const whole: Answer = (_, response) => response.writeHead(200, { "content-length": content.length }).end(content);
const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end("no");
const ranged: Answer = (incoming, response) => {
  const start = Number(/bytes=(\d+)-/.exec(incoming.headers.range ?? "")?.[1] ?? 0);
  const headers = {
    "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
    "content-length": content.length - start,
  };
  response.writeHead(start > 0 ? 206 : 200, headers).end(content.subarray(start));
};
/** Promises all and breaks off in the middle. */
const broken: Answer = (_, response) => {
  response.writeHead(200, { "content-length": content.length });
  response.write(content.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 20));
};
const arrived = () => {
  expect(readFileSync(target()).equals(content)).toBe(true);
  expect(existsSync(`${target()}.partial`)).toBe(false);
};

describe("download", () => {
  test("fetches, reports progress and leaves no partial file", async () => {
    answers = { "/a": [whole] };
    const progress: number[] = [];
    await download(request("/a"), { ...quick, onProgress: (received, total) => progress.push(received / total) });
    arrived();
    expect(progress.at(-1)).toBe(1);
  });

  test("tries again after server errors, and takes the next mirror after 404", async () => {
    answers = { "/a": [status(500), status(503), whole] };
    await download(request("/gone", "/a"), quick);
    arrived();
    expect(seen.map((one) => one.path)).toEqual(["/gone", "/a", "/a", "/a"]);
  });

  test("a mirror that does not listen is passed over", async () => {
    answers = { "/a": [whole] };
    const down = { ...request("/a"), urls: ["http://127.0.0.1:9/x", address("/a")] };
    await download(down, { ...quick, tries: 2 });
    arrived();
  });

  test("a broken transfer goes on where it stopped", async () => {
    answers = { "/a": [broken, ranged] };
    await download(request("/a"), quick);
    arrived();
    const resumedAt = Number(/bytes=(\d+)-/.exec(seen[1]!.range!)![1]);
    expect(resumedAt).toBeGreaterThan(0);
    expect(resumedAt).toBeLessThanOrEqual(20_000);
  });

  test("a server without ranges starts anew", async () => {
    answers = { "/a": [broken, whole] };
    await download(request("/a"), quick);
    arrived();
    expect(seen[1]!.range).toBeDefined();
  });

  test("a partial file that fits nothing is thrown away", async () => {
    answers = { "/a": [broken, status(416), whole] };
    await download(request("/a"), quick);
    arrived();
    expect(seen[2]!.range).toBeUndefined();
  });

  test("a partial file of other content fails the checksum and is fetched afresh", async () => {
    answers = { "/a": [ranged] };
    await download(request("/a"), quick);
    rmSync(target());
    writeFileSync(`${target()}.partial`, "something else");
    await download(request("/a"), quick);
    arrived();
  });

  test("wrong content: the next mirror; nowhere right: one clear error and no file", async () => {
    const wrong: Answer = (_, response) => response.end("wrong");
    answers = { "/a": [wrong], "/b": [whole] };
    await download(request("/a", "/b"), quick);
    arrived();
    rmSync(target());
    await expect(download(request("/a"), quick)).rejects.toThrow(
      /file\.bin could not be downloaded .*wrong checksum.*put the file at/,
    );
    expect(existsSync(target())).toBe(false);
    expect(existsSync(`${target()}.partial`)).toBe(false);
  });

  test("gzip is judged by what it holds, however it was compressed", async () => {
    answers = { "/a.gz": [(_, response) => response.end(gzipSync(content, { level: 1 }))] };
    await download(request("/a.gz"), quick);
    expect(readFileSync(target())[0]).toBe(0x1f);
  });

  test("silence ends with a time-out, floods are cut off", async () => {
    const silent: Answer = (_, response) => void response.writeHead(200, { "content-length": 10 }).write("a");
    const flood: Answer = (_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(content));
        if (!response.destroyed) response.once("drain", pour);
      };
      pour();
    };
    answers = { "/a": [silent], "/b": [flood], "/c": [whole] };
    await expect(download(request("/a"), { pause: 1, timeout: 50, tries: 2 })).rejects.toThrow(/no answer for 50 ms/);
    await expect(download(request("/b"), quick)).rejects.toThrow(/sends too much/);
    await download(request("/b", "/c"), quick);
    arrived();
  });

  test.skipIf(process.platform !== "linux")(
    "a full disk ends at once with a sentence (needs /dev/full of Linux)",
    async () => {
      answers = { "/a": [whole], "/b": [whole] };
      const full = path.join(folder, "full.bin");
      symlinkSync("/dev/full", `${full}.partial`);
      const onFull = { ...request("/a", "/b"), target: full };
      await expect(download(onFull, quick)).rejects.toThrow(/The disk is full: .* needs 50000 bytes/);
      expect(seen.length).toBe(1);
    },
  );

  test("a folder that cannot be written says so", async () => {
    answers = { "/a": [whole] };
    writeFileSync(path.join(folder, "deep"), "a file, not a folder");
    await expect(download(request("/a"), quick)).rejects.toThrow(/cannot be written .*SAMPO_CACHE/);
  });
});
