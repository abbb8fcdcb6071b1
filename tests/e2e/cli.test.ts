import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "../../src/artifacts/index.ts";
import { decodeNpy, encodeNpy } from "../../src/base/codec/npy.ts";
import { commands } from "../../src/cli/commands/index.ts";
import { dataFolder, needsData } from "../support/data.ts";
import { bin, sampo, sampoJson, start, temporary, writeDigits } from "./support.ts";

const place = temporary("cli");
const { at } = place;
const run = at("run");
/** A conditional model of bytes, and one of points in the plane. */
const grey = at("grey");
const points = at("points");
const tiny = [
  "--batch-size",
  "20",
  "--steps",
  "12",
  "--validate-every",
  "6",
  "--set",
  "hidden=16",
  "--set",
  "latent=3",
];

const quick = ["--limit", "40", "--importance", "5"];

beforeAll(async () => {
  const train = (...argv: string[]) => sampo("train", "vae", ...argv, ...tiny, "--quiet");
  const ended = [
    await train("--data", writeDigits(at("data", "binary"), "digits-binary"), "--out", run),
    await train("--data", writeDigits(at("data", "grey"), "digits"), "--set", "conditional=true", "--out", grey),
    await train("--data", "toy:moons", "--out", points),
  ];
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(ended.map(() => [0, ""]));
});

afterAll(() => place.clean());

/** An NPY file as float numbers. */
function npy(file: string) {
  const { shape, data } = decodeNpy(new Uint8Array(readFileSync(file)));
  return { shape: [...shape], data: Array.from(data as Float32Array, Number) };
}

const isPng = (file: string) => readFileSync(file).subarray(1, 4).toString() === "PNG";

describe("help", () => {
  it("is printed for every command, with examples that name the command", async () => {
    for (const command of commands) {
      for (const [spec, words] of [
        [command, [command.name]] as const,
        ...(command.subcommands ?? []).map((sub) => [sub, [command.name, sub.name]] as const),
      ]) {
        const { code, stdout, stderr } = await sampo(...words, "--help");
        expect([code, stderr]).toEqual([0, ""]);
        expect(stdout).toContain(`Usage: sampo ${words.join(" ")}`);
        for (const example of spec.examples) expect(stdout).toContain(`  sampo ${example}`);
      }
    }
  });

  it("gives examples that parse: no unknown command or option", async () => {
    const examples = commands.flatMap((command) => [
      ...command.examples,
      ...(command.subcommands ?? []).flatMap((sub) => sub.examples),
    ]);
    for (const example of examples) {
      const { code, stdout } = await sampo(...example.split(" "), "--help");
      expect([example, code]).toEqual([example, 0]);
      expect(stdout).toContain(`Usage: sampo ${example.split(" ")[0]}`);
    }
  });

  it("is what a bare call and a bare group print, with exit code 0", async () => {
    const bare = await sampo();
    expect(bare.code).toBe(0);
    for (const { name } of commands) expect(bare.stdout).toContain(`  ${name}`);
    const group = await sampo("data");
    expect(group.code).toBe(0);
    expect(group.stdout).toContain("Usage: sampo data");
  });

  it("tells the version of the package", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await sampo("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("looking around", () => {
  it("doctor computes and says that all is well", async () => {
    const { healthy, findings } = await sampoJson<{
      healthy: boolean;
      findings: { name: string; state: string; detail: string }[];
    }>("doctor");
    expect(healthy).toBe(true);
    const names = findings.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["Node", "native engine", "WebAssembly", "WebGPU", "SAMPO_DATA"]));
    expect(names).toEqual(expect.arrayContaining(["cache", "disk", "machine"]));
    expect(findings.find(({ name }) => name === "compute (auto)")?.detail).toMatch(/GFLOP\/s/);
  });

  it("doctor fails when SAMPO_DATA names nothing", async () => {
    const before = process.env.SAMPO_DATA;
    process.env.SAMPO_DATA = at("nowhere");
    try {
      const { code, stdout } = await sampo("doctor", "--device", "reference");
      expect(code).toBe(1);
      expect(stdout).toMatch(/bad\s+SAMPO_DATA\s+names .*nowhere, which is no folder/);
    } finally {
      if (before === undefined) delete process.env.SAMPO_DATA;
      else process.env.SAMPO_DATA = before;
    }
  });

  it("data list names every set; data show describes one and draws it", async () => {
    const list = await sampoJson<{ name: string; source: string }[]>("data", "list");
    expect(list.map(({ name }) => name)).toEqual(expect.arrayContaining(["digits", "toy:moons", "mnist"]));
    const shown = await sampoJson(
      "data",
      "show",
      "digits-binary",
      "--size",
      "8",
      "--out",
      at("one", "digits.png"),
      "-n",
      "9",
    );
    expect(shown).toMatchObject({ values: "binary", shape: [1, 8, 8], dimensions: 64, file: at("one", "digits.png") });
    expect(isPng(at("one", "digits.png"))).toBe(true);
    const text = await sampo("data", "show", at("one"));
    expect(text.code).toBe(1);
    expect(text.stderr).toMatch(/1 examples are too few to split/);
  });

  it("data get needs nothing for a generated set", async () => {
    expect((await sampo("data", "get", "digits")).stdout).toMatch(/generated: there is nothing to fetch/);
  });

  it("models lists the registry; one model shows options, defaults and presets", async () => {
    const all = await sampoJson<{ name: string; can: string[] }[]>("models");
    expect(all.find(({ name }) => name === "vae")?.can).toEqual(["sample", "logProb", "encode", "decode", "complete"]);
    const one = await sampoJson<{
      options: { name: string; default: unknown; description: string }[];
      presets: object;
    }>("models", "vae");
    expect(one.options.find(({ name }) => name === "latent")).toMatchObject({ default: 20, values: "whole number" });
    for (const { description } of one.options) expect(description).not.toBe("");
    expect(Object.keys(one.presets)).toContain("paper");
    const page = (await sampo("models", "vae")).stdout;
    expect(page).toMatch(/likelihood\s+auto\s+auto \| bernoulli/);
  });

  it("runs tells what stands in a folder, damaged ones included", async () => {
    mkdirSync(at("damaged"));
    writeFileSync(at("damaged", "manifest.json"), "{");
    const { code, stdout, stderr } = await sampo("runs", place.folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/run\s+vae\s+images\.npy\s+12\s+\S+\s+(6|12)\s+finished/);
    expect(stdout).toMatch(/damaged\s+unreadable/);
    expect(stderr).toMatch(/warning .*manifest\.json is not JSON/);
    const listed = await sampoJson<{ folder: string }[]>("runs", place.folder);
    expect(listed.map(({ folder }) => folder)).toEqual(expect.arrayContaining([run, grey, points, at("damaged")]));
  });
});

describe("using a run", () => {
  it("samples the same bytes each time, and others for another seed", async () => {
    const draw = async (seed: string, file: string) => {
      expect((await sampo("sample", run, "-n", "9", "--seed", seed, "--out", at(file))).code).toBe(0);
      return readFileSync(at(file));
    };
    const [first, again, other] = [await draw("1", "1.png"), await draw("1", "2.png"), await draw("2", "3.png")];
    expect(first.equals(again)).toBe(true);
    expect(first.equals(other)).toBe(false);
  });

  it("evaluates with kind, error, bits, split and protocol, and keeps it for the report", async () => {
    const { likelihood, reconstruction } = await sampoJson<{
      likelihood: Record<string, unknown>;
      reconstruction: Record<string, unknown>;
    }>("evaluate", run, "--split", "valid", ...quick);
    expect(likelihood).toMatchObject({ kind: "lower-bound", split: "valid", count: 30, dimensions: 144 });
    expect(likelihood.via).toMatch(/5 samples/);
    expect(likelihood.protocol).toMatch(/^images\.npy: shuffled by the seed into 240 \/ 30 \/ 30/);
    expect(Number(likelihood.bitsPerDim)).toBeCloseTo(Number(likelihood.nats) / (144 * Math.LN2), 6);
    expect(Number(likelihood.stderr)).toBeGreaterThan(0);
    expect(reconstruction).toMatchObject({ count: 30, split: "valid" });

    const reported = await sampoJson<{ likelihoods: unknown[] }>("report", run, "--no-likelihood");
    expect(reported.likelihoods).toEqual([likelihood]);
    const html = readFileSync(at("run", "report.html"), "utf8");
    expect(html).toContain("importance-weighted bound, 5 samples");
    const measured = await sampoJson<{ likelihoods: { split: string }[] }>("report", run, ...quick);
    expect(measured.likelihoods.map(({ split }) => split)).toEqual(["valid", "test"]);
  });

  it("encodes to NPY and CSV alike, and decodes both to the same picture", async () => {
    for (const file of ["codes.npy", "codes.csv"])
      expect((await sampo("encode", run, "-n", "10", "--out", at(file))).code).toBe(0);
    const codes = npy(at("codes.npy"));
    expect(codes.shape).toEqual([10, 3]);
    const lines = readFileSync(at("codes.csv"), "utf8").trim().split("\n");
    expect(lines.flatMap((line) => line.split(",").map((cell) => Math.fround(Number(cell))))).toEqual(codes.data);
    for (const kind of ["npy", "csv"])
      expect((await sampo("decode", run, "--input", at(`codes.${kind}`), "--out", at(`${kind}.png`))).code).toBe(0);
    expect(readFileSync(at("npy.png")).equals(readFileSync(at("csv.png")))).toBe(true);
  });

  it("takes examples of one's own in their order: the same codes as from the split", async () => {
    await sampo("sample", run, "-n", "6", "--out", at("own.npy"));
    const own = await sampoJson<{ codes: number[][] }>("encode", run, "--input", at("own.npy"));
    await sampo("sample", run, "-n", "6", "--out", at("own.csv"));
    const flat = await sampoJson<{ codes: number[][] }>("encode", run, "--input", at("own.csv"));
    expect(flat.codes).toEqual(own.codes);
    const first = await sampoJson<{ codes: number[][] }>("encode", run, "--input", at("own.npy"), "-n", "2");
    expect(first.codes.flat()).toEqual(
      own.codes
        .slice(0, 2)
        .flat()
        .map((value) => expect.closeTo(value, 5)),
    );
  });

  it("reads one image, brought to the model's size and binarised", async () => {
    const data = Uint8Array.from({ length: 24 * 24 }, (_, i) => (i % 24 < 12 ? 255 : 0));
    writeFileSync(at("drawing.png"), encodePng({ width: 24, height: 24, channels: 1, data }));
    const read = await sampoJson<{ count: number; from: string }>(
      ...["encode", run, "--input", at("drawing.png"), "--size", "12", "--binarize", "threshold"],
    );
    expect(read).toMatchObject({ count: 1, from: at("drawing.png") });
  });

  it("walks between examples: pictures, film, numbers whose ends are the reconstructions", async () => {
    expect((await sampo("interpolate", run, "--pairs", "2", "--out", at("strip.png"))).code).toBe(0);
    const film = ["interpolate", run, "--pairs", "4", "--steps", "5", "--film", "--out", at("film.png")];
    expect((await sampo(...film)).code).toBe(0);
    expect(readFileSync(at("film.png")).includes("acTL")).toBe(true);
    await sampo("interpolate", run, "--pairs", "2", "--steps", "5", "--out", at("paths.npy"));
    await sampo("encode", run, "-n", "4", "--out", at("ends.npy"));
    await sampo("decode", run, "--input", at("ends.npy"), "--out", at("ends-decoded.npy"));
    const [paths, ends] = [npy(at("paths.npy")), npy(at("ends-decoded.npy"))];
    expect(paths.shape).toEqual([10, 1, 12, 12]);
    const image = (from: typeof paths, i: number) => from.data.slice(i * 144, (i + 1) * 144);
    for (const [step, end] of [
      [0, 0],
      [4, 1],
      [5, 2],
      [9, 3],
    ] as const)
      expect(image(paths, step)).toEqual(image(ends, end).map((value) => expect.closeTo(value, 4)));
  });

  it("completes what is hidden and gives the observed back bit for bit", async () => {
    const shape = [5, 1, 12, 12];
    const x = Float32Array.from({ length: 5 * 144 }, (_, i) => Number((i * 7919) % 5 === 0));
    const observed = Uint8Array.from(x, (_, i) => Number((i * 31) % 3 !== 0));
    writeFileSync(at("x.npy"), encodeNpy({ type: "float32", shape, data: x }));
    writeFileSync(at("mask.npy"), encodeNpy({ type: "uint8", shape, data: observed }));
    const argv = ["complete", run, "--input", at("x.npy"), "--mask", at("mask.npy"), "--sweeps", "5"];
    expect((await sampo(...argv, "--out", at("done.npy"))).code).toBe(0);
    const done = npy(at("done.npy")).data;
    const seen = done.filter((_, i) => observed[i] === 1);
    expect(seen).toEqual(Array.from(x).filter((_, i) => observed[i] === 1));
    const filled = done.filter((_, i) => observed[i] === 0);
    expect(filled.every((value) => value === 0 || value === 1)).toBe(true);
    expect(filled).not.toEqual(Array.from(x).filter((_, i) => observed[i] === 0));
    expect((await sampo(...argv, "--out", at("done.png"))).code).toBe(0);
    expect(isPng(at("done.png"))).toBe(true);
  });

  it("completes bytes untouched too, with masks by name and as a picture", async () => {
    const given = ["complete", grey, "--sweeps", "2", "-n", "4"];
    expect((await sampo(...given, "--mask", "random:0.3", "--out", at("grey.png"))).code).toBe(0);
    const data = Uint8Array.from({ length: 144 }, (_, i) => (i < 72 ? 255 : 0));
    writeFileSync(at("mask.png"), encodePng({ width: 12, height: 12, channels: 1, data }));
    for (const [mask, file] of [
      [at("mask.png"), "a.npy"],
      ["top-half", "b.npy"],
      ["border", "c.npy"],
    ] as const)
      expect((await sampo(...given, "--mask", mask, "--out", at(file))).code).toBe(0);
    expect(npy(at("a.npy")).data).toEqual(npy(at("b.npy")).data);
    const half = (file: string) => npy(at(file)).data.filter((_, i) => i % 144 < 12);
    expect(half("c.npy")).toEqual(half("a.npy"));
  });

  it("asks a conditional model's labels where the examples have none", async () => {
    await sampo("sample", grey, "-n", "3", "--labels", "1", "--out", at("ones.npy"));
    const bare = await sampo("encode", grey, "--input", at("ones.npy"));
    expect(bare.code).toBe(2);
    expect(bare.stderr).toMatch(/conditioned on labels .* give them with --labels/);
    expect((await sampo("encode", grey, "--input", at("ones.npy"), "--labels", "1")).code).toBe(0);
    expect((await sampo("interpolate", grey, "--pairs", "1", "--out", at("one.png"))).code).toBe(0);
  });

  it("refuses pictures of what is no image, and says what to write instead", async () => {
    for (const command of ["sample", "interpolate", "complete"]) {
      const { code, stderr } = await sampo(command, points, "--out", at("points.png"));
      expect([command, code]).toEqual([command, 2]);
      expect(stderr).toMatch(/are no images; write \.npy or \.csv/);
    }
    expect((await sampo("sample", points, "-n", "20", "--out", at("points.svg"))).code).toBe(0);
    expect(readFileSync(at("points.svg"), "utf8")).toContain("<svg");
  });

  it("leaves no half-written file behind", () => {
    expect(readdirSync(place.folder).filter((name) => name.includes("partial"))).toEqual([]);
  });
});

describe("training on data of one's own", () => {
  it.each(["static", "dynamic", "threshold"])("a folder of pictures, binarised: %s", async (how) => {
    const data = (i: number) => Uint8Array.from({ length: 64 }, (_, p) => (p * 37 + i * 11) % 256);
    mkdirSync(at("folder"), { recursive: true });
    for (let i = 0; i < 60; i++)
      writeFileSync(at("folder", `${i}.png`), encodePng({ width: 8, height: 8, channels: 1, data: data(i) }));
    const out = at(`of-folder-${how}`);
    const model = ["--set", "latent=2", "--set", "hidden=8", "--batch-size", "10", "--steps", "4"];
    const argv = ["train", "vae", "--data", at("folder"), "--binarize", how, ...model, "--out", out];
    expect((await sampo(...argv)).code).toBe(0);
    const { likelihood } = await sampoJson<{ likelihood: { protocol: string } }>("evaluate", out, "--importance", "2");
    expect(likelihood.protocol).toMatch(/^folder: shuffled by the seed into 48 \/ 6 \/ 6 .* Binarised /);
  });
});

describe(`published data${needsData}`, () => {
  it.skipIf(dataFolder === undefined)("the fixed binarised digits, with the published preset", async () => {
    const before = process.env.SAMPO_DATA;
    process.env.SAMPO_DATA = dataFolder!;
    try {
      const out = at("mnist");
      const argv = ["train", "vae", "--data", "mnist-binarized", "--preset", "paper", "--seed", "0", "--out", out];
      expect((await sampo(...argv, "--steps", "60")).code).toBe(0);
      expect((await sampo("train", "--resume", out, "--time", "30s", "--steps", "80")).code).toBe(0);
      const { likelihood } = await sampoJson<{ likelihood: { nats: number; protocol: string } }>(
        ...["evaluate", out, "--split", "test", "--importance", "20", "--limit", "100"],
      );
      expect(likelihood.nats).toBeGreaterThan(100);
      expect(likelihood.nats).toBeLessThan(250);
      expect(likelihood.protocol).toMatch(/fixed binarisation and the published split/);
    } finally {
      if (before === undefined) delete process.env.SAMPO_DATA;
      else process.env.SAMPO_DATA = before;
    }
  });
});

describe("as a process", () => {
  it("survives a reader that goes away", () => {
    const command = `"${process.execPath}" "${bin}" sample "${run}" -n 400 | head -c 10`;
    const { stdout, stderr } = spawnSync("bash", ["-c", `${command}; echo; echo "\${PIPESTATUS[0]}"`], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n").at(-1)).toBe("0");
  });

  it("says that the result cannot be written when stdout is full", () => {
    if (!existsSync("/dev/full")) return;
    const { status, stderr } = spawnSync("bash", ["-c", `"${process.execPath}" "${bin}" data list > /dev/full`], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([1, "error The result cannot be written: the disk is full.\n"]);
  });

  it("takes the tour: a leaderboard, report, pictures and what to try next", async () => {
    const { child, ended } = start(["tour", "--time", "1s", "--json"], { cwd: place.folder });
    const { code, stdout, stderr } = await ended;
    expect(child.exitCode).toBe(0);
    expect([code, stderr]).toEqual([0, expect.stringContaining("6/6  vae")]);
    const told = JSON.parse(stdout) as { report: string; pictures: string[]; leaderboard: object[]; next: string[] };
    for (const file of [told.report, ...told.pictures]) expect(existsSync(at(file))).toBe(true);
    expect(told.leaderboard).toHaveLength(6);
    expect(told.next).toHaveLength(3);
  });
});
