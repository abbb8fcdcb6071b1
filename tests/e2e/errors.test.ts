import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "../../src/artifacts/index.ts";
import { encodeNpy } from "../../src/base/codec/npy.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/base/codec/safetensors.ts";
import { bin, sampo, start, temporary, writeDigits } from "./support.ts";

const place = temporary("errors");
const { at } = place;
const run = at("run");
const small = ["--set", "hidden=16", "--set", "latent=3", "--batch-size", "20", "--validate-every", "5", "--quiet"];
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  const data = writeDigits(at("data"), "digits-binary", 120);
  writeDigits(at("grey"), "digits", 20);
  const ended = [
    await sampo("train", "vae", "--data", data, ...small, "--steps", "10", "--out", run),
    await sampo("train", "vae", "--data", data, ...small, "--steps", "10", "--set", "hidden=8", "--out", at("other")),
  ];
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(ended.map(() => [0, ""]));
});

afterAll(() => {
  if (noDisk === undefined) spawnSync("umount", [disk]);
  place.clean();
});

/** Expects one line on stderr, nothing on stdout, and the exit code. */
async function refuses(argv: readonly string[], code: number, sentence: RegExp): Promise<void> {
  const ended = await sampo(...argv);
  expect(ended.stderr).toMatch(sentence);
  expect(ended.stderr).toMatch(/^error [^\n]+\n$/);
  expect([ended.code, ended.stdout]).toEqual([code, ""]);
}

const trainOn = (data: string, ...more: string[]) => [
  ...["train", "vae", "--data", data, ...small, "--steps", "5", "--out", at("never")],
  ...more,
];

/** A run is still there in every way: it samples, and training goes on. */
async function expectUsable(folder: string): Promise<void> {
  expect((await sampo("sample", folder, "-n", "1")).code).toBe(0);
  const { step } = JSON.parse((await sampo("runs", folder, "--json")).stdout)[0] as { step: number };
  const further = await sampo("train", "--resume", folder, "--steps", `${step + 2}`, "--quiet");
  expect([further.code, further.stderr]).toEqual([0, ""]);
}

const cut = (from: string, to: string, share = 0.6) => {
  const bytes = readFileSync(from);
  writeFileSync(to, bytes.subarray(0, Math.floor(bytes.length * share)));
};

describe("names that do not exist", () => {
  it.each([
    [["trian"], 2, /unknown command 'trian' \(Did you mean train\?\)/],
    [["train", "vae", "--stepps", "3"], 2, /unknown option '--stepps'.*Did you mean --steps\?/],
    [["train", "vae", "--latnet", "3"], 2, /unknown option '--latnet'.*set with --set latent=/],
    [["train", "vea", "--data", "digits"], 2, /Unknown model "vea"; did you mean "vae"\?/],
    [["train", "vae", "--data", "digit"], 2, /Unknown data set "digit"; did you mean "digits"\?/],
    [["train", "vae", "--data", "digits", "--preset", "papr"], 2, /Unknown preset of vae "papr"; did you mean "paper"/],
    [
      ["train", "vae", "--data", "digits", "--set", "latnet=3"],
      2,
      /Unknown option of vae "latnet"; did you mean "latent"/,
    ],
    [["train", "vae", "--data", "./no/such.npy"], 2, /There is no file or folder \.\/no\/such\.npy/],
    [["models", "vqvea"], 2, /Unknown model "vqvea"/],
    [["data", "get", "mnits"], 2, /Unknown data set "mnits"; did you mean "mnist"\?/],
    [["data", "shwo"], 2, /unknown command 'shwo' \(Did you mean show\?\)/],
    [["sample", "runs/none"], 1, /There is no run at runs\/none/],
    [["doctor", "--device", "gpu"], 2, /Unknown device "gpu"/],
  ] as const)("%j", async (argv, code, sentence) => refuses(argv, code, sentence));

  it("masks, with a suggestion", () =>
    refuses(
      ["complete", run, "--mask", "top-hlf", "--out", at("m.png")],
      2,
      /Unknown mask "top-hlf"; did you mean "top-half"/,
    ));
});

describe("values that do not fit", () => {
  it.each([
    [["train", "vae", "--data", "digits", "--set", "latent=0"], /--set latent: too small, expected number to be >0\./],
    [["train", "vae", "--data", "digits", "--set", "latent"], /expected name=value/],
    [["train", "vae", "--data", "digits", "--time", "soon"], /expected a duration such as 90s/],
    [["train", "vae", "--data", "digits", "--steps", "1.5"], /expected a whole number/],
    [
      ["train", "vae", "--data", at("grey", "images.npy"), "--set", "likelihood=bernoulli"],
      /binarise the data \(--binarize/,
    ],
    [["train", "vae"], /Say which data to train on/],
    [["train"], /Say which model to train/],
    [["sample"], /missing required argument 'run'/],
  ] as [string[], RegExp][])("%#: %j", async (argv, sentence) => refuses(argv, 2, sentence));

  it("says the same as JSON when JSON is asked for", async () => {
    const { code, stdout } = await sampo("train", "vea", "--data", "digits", "--json");
    const { error } = JSON.parse(stdout) as { error: { message: string; exitCode: number } };
    expect([code, error.exitCode]).toEqual([2, 2]);
    expect(error.message).toMatch(/did you mean "vae"/);
  });
});

describe("data that is damaged", () => {
  const idx = (count: number) => Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 4, 0, 0, 0, 4);
  const npy = (data: Float32Array, shape: number[]) => encodeNpy({ type: "float32", shape, data });

  it("truncated IDX", async () => {
    writeFileSync(at("cut.idx"), Uint8Array.of(...idx(20), ...new Uint8Array(100)));
    await refuses(trainOn(at("cut.idx")), 1, /cut\.idx.*(truncated|ends|promises|holds)/);
  });

  it("truncated NPY and NPZ", async () => {
    writeFileSync(at("whole.npy"), npy(new Float32Array(400).fill(1), [100, 4]));
    cut(at("whole.npy"), at("cut.npy"));
    await refuses(trainOn(at("cut.npy")), 1, /cut\.npy/);
    writeFileSync(at("whole.npz"), zipSync({ "x.npy": new Uint8Array(readFileSync(at("whole.npy"))) }));
    cut(at("whole.npz"), at("cut.npz"));
    await refuses(trainOn(at("cut.npz")), 1, /cut\.npz/);
  });

  it("truncated PNG in a folder", async () => {
    mkdirSync(at("pictures"), { recursive: true });
    const noise = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i * 2654435761) >>> 24);
    writeFileSync(at("whole.png"), encodePng({ width: 64, height: 64, channels: 1, data: noise }));
    for (const name of ["a", "b", "c"]) copyFileSync(at("whole.png"), at("pictures", `${name}.png`));
    cut(at("whole.png"), at("pictures", "d.png"));
    await refuses(trainOn(at("pictures")), 1, /d\.png is damaged or cannot be read/);
  });

  it("NaN and gaps, with their place", async () => {
    const x = Float32Array.from({ length: 120 }, (_, i) => (i === 77 ? Number.NaN : i));
    writeFileSync(at("nan.npy"), npy(x, [30, 4]));
    await refuses(trainOn(at("nan.npy")), 1, /nan\.npy holds NaN in example 20, position 2/);
    writeFileSync(at("gap.csv"), "a,b\n1,2\n3,nan\n");
    await refuses(trainOn(at("gap.csv")), 1, /gap\.csv has no finite number in row 3, column "b"/);
    await refuses(["encode", run, "--input", at("nan.npy")], 1, /nan\.npy holds NaN/);
  });

  it("more examples in a batch than there are", async () => {
    await refuses(
      trainOn(at("data", "images.npy"), "--batch-size", "1000"),
      2,
      /A batch of 1000 does not fit into a split of 96/,
    );
  });

  it("never leaves a run folder behind", () => expect(existsSync(at("never"))).toBe(false));
});

describe("examples that do not fit the model", () => {
  const write = (name: string, type: "uint8" | "float32", shape: number[], value: (i: number) => number) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const data =
      type === "uint8"
        ? Uint8Array.from({ length }, (_, i) => value(i))
        : Float32Array.from({ length }, (_, i) => value(i));
    writeFileSync(at(name), encodeNpy({ type, shape, data }));
    return at(name);
  };

  it("wrong shape", async () => {
    const file = write("shape.npy", "uint8", [3, 10, 10], (i) => i % 2);
    await refuses(
      ["encode", run, "--input", file],
      2,
      /shape\.npy holds examples of shape \[1, 10, 10\], and the model takes \[1, 12, 12\]; .*--size 12/,
    );
  });

  it("bytes and numbers for a model of zeros and ones", async () => {
    const bytes = write("bytes.npy", "uint8", [3, 12, 12], (i) => i % 256);
    await refuses(
      ["encode", run, "--input", bytes],
      2,
      /holds bytes, and the model takes zeros and ones; add --binarize threshold/,
    );
    const real = write("real.npy", "float32", [3, 12, 12], (i) => i / 7);
    await refuses(
      ["complete", run, "--input", real, "--out", at("c.npy")],
      2,
      /real\.npy holds real numbers, and the model takes zeros/,
    );
  });

  it("codes of another size, masks of another shape or value", async () => {
    const codes = write("codes.npy", "float32", [4, 5], (i) => i);
    await refuses(
      ["decode", run, "--input", codes, "--out", at("d.png")],
      2,
      /codes of 5 numbers, and the model takes 3/,
    );
    const mask = write("mask.npy", "uint8", [10, 10], () => 1);
    await refuses(["complete", run, "--mask", mask, "--out", at("c.npy")], 2, /mask\.npy has the shape \[10, 10\]/);
    const half = write("half.npy", "float32", [12, 12], () => 0.5);
    await refuses(["complete", run, "--mask", half, "--out", at("c.npy")], 2, /half\.npy holds 0\.5; a mask is 1/);
  });

  it("options that exclude each other, and endings nobody writes", async () => {
    await refuses(["encode", run, "--split", "test", "--input", at("x.npy")], 2, /exclude each other/);
    await refuses(["encode", run, "--binarize", "threshold"], 2, /--binarize says how to read --input/);
    await refuses(["encode", run, "--out", at("codes.png")], 2, /write \.npy, \.csv; the ending says which/);
    await refuses(["decode", run, "--out", at("x.png")], 2, /Say which codes to decode/);
    await refuses(["sample", run, "--labels", "1"], 2, /not conditioned on labels/);
  });

  it("leaves the run as it was", () => expectUsable(run));
});

describe("checkpoints", () => {
  const best = () => at("run", "checkpoints", "best.safetensors");
  const last = () => at("run", "checkpoints", "last.safetensors");

  /** Replaces a file while `work` runs. */
  async function with_(file: string, content: Uint8Array, work: () => Promise<void>): Promise<void> {
    const before = readFileSync(file);
    writeFileSync(file, content);
    try {
      await work();
    } finally {
      writeFileSync(file, before);
    }
  }

  it("truncated: the other one still serves, and nothing is overwritten", async () => {
    await with_(best(), readFileSync(best()).subarray(0, 500), async () => {
      await refuses(["sample", run], 1, /best\.safetensors/);
      expect((await sampo("sample", run, "-n", "1", "--checkpoint", "last")).code).toBe(0);
    });
    const damaged = readFileSync(last()).subarray(0, 700);
    await with_(last(), damaged, async () => {
      await refuses(["train", "--resume", run, "--steps", "50"], 1, /last\.safetensors/);
      expect(readFileSync(last()).equals(damaged)).toBe(true);
      expect((await sampo("sample", run, "-n", "1")).code).toBe(0);
    });
    await expectUsable(run);
  });

  it("of another model, or of another size", async () => {
    const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(best())));
    const foreign = encodeSafetensors(Object.fromEntries(tensors), { format: "sampo-parameters-1", model: "made" });
    await with_(best(), foreign, () =>
      refuses(["sample", run], 1, /is a checkpoint of the model "made", not of "vae"/),
    );
    await with_(best(), readFileSync(at("other", "checkpoints", "best.safetensors")), () =>
      refuses(["sample", run], 1, /best\.safetensors.*(shape|\[)/),
    );
    await expectUsable(run);
  });

  it("parameters where a training state belongs", async () => {
    await with_(last(), readFileSync(best()), () =>
      refuses(["train", "--resume", run, "--steps", "60"], 1, /last\.safetensors/),
    );
    await expectUsable(run);
  });
});

const NOBODY = 65534;

/** Root may read every folder, so a stranger must try: why none can. */
function strangerProblem(): string | undefined {
  const { status } = spawnSync(
    process.execPath,
    [bin, "--version"],
    isRoot ? { uid: NOBODY, gid: NOBODY, cwd: "/" } : {},
  );
  return status === 0 ? undefined : " [skipped: other users cannot read this checkout]";
}

const noStranger = strangerProblem();

describe("training that diverges", () => {
  it("at once says so, what to try, and that there is nothing to fall back to", async () => {
    const data = ["--data", at("data", "images.npy"), "--optimizer", "sgd", "--learning-rate", "1e20"];
    const ended = await sampo("train", "vae", ...data, ...small, "--validate-every", "50", "--out", at("diverged"));
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(
      /Training diverged at step \d+: .* There was no checkpoint yet; try a lower --learning-rate/,
    );
    expect(ended.stderr).toBe("");
    expect((await sampo("runs", at("diverged"))).stdout).toMatch(/diverged/);
  });
});

describe("places that cannot be used", () => {
  it("a file where a folder belongs", async () => {
    writeFileSync(at("file"), "hello");
    const to = (out: string) => ["train", "vae", "--data", "toy:moons", ...small, "--steps", "5", "--out", out];
    await refuses(to(at("file")), 2, /file is a file; give the path of a new folder/);
    await refuses(to(at("file", "run")), 1, /a part of .* is a file/);
    await refuses(["runs", at("file")], 2, /is no folder/);
    expect(readFileSync(at("file"), "utf8")).toBe("hello");
  });

  it("a folder that holds other things, or a run already", async () => {
    mkdirSync(at("full"));
    writeFileSync(at("full", "thesis.txt"), "mine");
    const to = (out: string) => ["train", "vae", "--data", "toy:moons", ...small, "--steps", "5", "--out", out];
    await refuses(to(at("full")), 2, /is not empty \(it holds thesis\.txt\)/);
    await refuses([...to(at("full")), "--overwrite"], 2, /is not empty/);
    await refuses(["tour", "--out", run, "--quiet"], 2, /already holds a run/);
    await refuses(to(run), 2, /already holds a run .* --resume/);
    expect(readFileSync(at("full", "thesis.txt"), "utf8")).toBe("mine");
    await expectUsable(run);
  });

  it.skipIf(noStranger !== undefined)(`a folder or a file without permission${noStranger ?? ""}`, async () => {
    const secret = at("secret");
    mkdirSync(secret);
    chmodSync(place.folder, 0o755);
    chmodSync(secret, 0o000);
    const refused = async (argv: string[], sentence: RegExp) => {
      const { code, stdout, stderr } = await start(argv, isRoot ? { user: NOBODY, cwd: "/" } : {}).ended;
      expect(stderr).toMatch(sentence);
      expect(stderr).toMatch(/^error [^\n]+\n$/);
      expect([code, stdout]).toEqual([1, ""]);
    };
    await refused(trainOn(secret), /cannot be read/);
    await refused(trainOn(at("secret", "x.npy")), /cannot be read|permission denied/);
    await refused(["train", "vae", "--data", "toy:moons", ...small, "--out", at("secret", "run")], /permission denied/);
    chmodSync(secret, 0o700);
  });
});

/** Mounts a file system of 1 MiB, or says why not. */
function tinyDisk(folder: string): string | undefined {
  if (!isRoot) return "only root may mount a small disk";
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  return status === 0 ? undefined : "a small disk cannot be mounted here";
}

const disk = at("disk");
const noDisk = tinyDisk(disk);

describe("a full disk", () => {
  const suffix = noDisk === undefined ? "" : ` [skipped: ${noDisk}]`;
  it.skipIf(noDisk !== undefined)(
    `ends training with one sentence and keeps the last good state${suffix}`,
    async () => {
      const folder = at("disk", "run");
      const data = at("data", "images.npy");
      const begun = await sampo("train", "vae", "--data", data, ...small, "--steps", "10", "--out", folder);
      expect([begun.code, begun.stderr]).toEqual([0, ""]);
      const state = readFileSync(at("disk", "run", "checkpoints", "last.safetensors"));
      const filler = at("disk", "filler");
      spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=1k", "count=2048"]);
      await refuses(
        ["train", "--resume", folder, "--steps", "30", "--quiet"],
        1,
        /the disk holding .* is full; free some space/,
      );
      await refuses(["sample", folder, "-n", "400", "--out", at("disk", "x.npy")], 1, /is full/);
      expect(existsSync(at("disk", "x.npy"))).toBe(false);
      expect(readFileSync(at("disk", "run", "checkpoints", "last.safetensors")).equals(state)).toBe(true);
      rmSync(filler);
      await expectUsable(folder);
    },
  );
});
