import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import ts from "typescript";
import { allPrimitives } from "../src/index.ts";

/** Packs what `npm run build` wrote, installs it into an empty project and uses it there as a stranger would. */

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules", ".bin", name);

/** The environment without what npm tells its scripts, so that npm takes the empty project for the current one. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_(config_(local_)?prefix|package_.*)|INIT_CWD)$/i.test(name)),
);

function run(command: string, args: readonly string[], cwd: string): string {
  const stdio = ["ignore", "pipe", "pipe"] as const;
  try {
    return execFileSync(command, args, { cwd, env: environment, encoding: "utf8", stdio: [...stdio] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${basename(command)} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

function check(what: string, holds: boolean, why = ""): void {
  if (!holds) throw new Error(`${what}: no${why && `, ${why}`}`);
  console.log(`ok  ${what}`);
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

function pack(into: string): Packed {
  const answer = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", into], root));
  return (Array.isArray(answer) ? answer : Object.values(answer))[0] as Packed;
}

function checkContents({ files, size, unpackedSize }: Packed): void {
  const paths = files.map(({ path }) => path);
  const wanted = ["LICENSE", "README.md", "bin/sampo.mjs", "dist/prefetch-worker.node.mjs"];
  const missing = wanted.filter((path) => !paths.includes(path));
  check("the package holds licence, read-me, command and worker", missing.length === 0, `missing: ${missing}`);
  const strays = paths.filter(
    (path) => !/^(LICENSE|README\.md|package\.json|bin\/sampo\.mjs|dist\/.*\.m(js|d\.ts|ts))$/.test(path),
  );
  check("and nothing else", strays.length === 0, strays.join(" "));
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
  check(`its size is ${kilobytes(size)}, ${kilobytes(unpackedSize)} unpacked`, size < 1_000_000, "more than 1 MB");
}

/** What a built module and the chunks it is made of import from outside, statically or on demand. */
function outsideImports(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = ts.preProcessFile(readFileSync(join(root, "dist", file), "utf8")).importedFiles;
  return imports.flatMap(({ fileName }) =>
    fileName.startsWith("./") ? outsideImports(basename(fileName), seen) : [fileName],
  );
}

const browserPackages = /^(@bufbuild\/protobuf|@dagrejs\/dagre|csv-parse\/browser|fflate|onnxruntime-web\/|zod)/;

/** Subjects with an entry of their own, for pages that need no more. */
const subjects = ["bayes", "data", "distributions", "models", "probability", "programs", "samplers"];

function checkBrowserSafe(): void {
  for (const name of ["index", ...subjects]) {
    const unsafe = outsideImports(`${name}.mjs`).filter((outside) => !browserPackages.test(outside));
    check(`the entry ${name} imports nothing of Node`, unsafe.length === 0, unsafe.join(" "));
  }
}

function install(project: string, tarball: string): void {
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "stranger", private: true, type: "module" }));
  run("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", tarball], project);
  console.log("ok  it installs into an empty project");
}

/** Types of the examples against the installed package, as a strict project checks them. */
function checkTypes(project: string): void {
  for (const name of ["first.ts", "vae.ts"]) copyFileSync(join(root, "examples", name), join(project, name));
  const options = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--module", "nodenext", "--target", "es2023"];
  const types = ["--types", "node", "--typeRoots", join(root, "node_modules", "@types"), "--skipLibCheck", "false"];
  run(bin("tsc"), [...options, ...types, "first.ts", "vae.ts"], project);
  console.log("ok  the example programs fit its types, library files included");
}

function asJavaScript(project: string, name: string): string {
  const source = readFileSync(join(root, "examples", name), "utf8");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  const file = name.replace(".ts", ".mjs");
  writeFileSync(join(project, file), outputText);
  return file;
}

function checkPrograms(project: string): void {
  const first = run(process.execPath, [asJavaScript(project, "first.ts")], project);
  check("the first program runs", /1\.3817/.test(first) && first.includes("Cos("), first);
  const vae = run(process.execPath, [asJavaScript(project, "vae.ts"), "samples.png"], project);
  check(
    "the second trains and draws",
    /step 500/.test(vae) && readFileSync(join(project, "samples.png")).length > 1000,
    vae,
  );
}

const probe = `
import { allPrimitives, data, random } from "sampo";
import { prefetchingSource } from "sampo/node";
const { spec, splits } = data.embedded("digits", { counts: { train: 64, valid: 1, test: 1 } });
const plan = { split: splits.train, spec, encoding: {}, batchSize: 8, orderKey: random.key(1), noiseKey: random.key(2) };
const source = prefetchingSource(plan, data.firstCursor);
const out = new Float32Array(data.batchLength(plan));
let cursor = data.firstCursor;
for (let i = 0; i < 400 && source.fromWorker === 0 && !source.failure; i++) {
  await new Promise((resolve) => setTimeout(resolve, 25));
  ({ cursor } = source.fill(out, cursor));
}
console.log(JSON.stringify({ primitives: allPrimitives().length, worker: source.fromWorker, failure: source.failure?.message }));
await source.close();
`;

function checkInside(project: string): void {
  writeFileSync(join(project, "probe.mjs"), probe);
  const { primitives, worker, failure } = JSON.parse(run(process.execPath, ["probe.mjs"], project));
  check(`all ${primitives} primitives are registered`, primitives === allPrimitives().length);
  check("the prefetch worker starts", worker > 0, failure);
}

/** The size of what a bundler makes of a program, in bytes. */
async function bundled(project: string, name: string, program: string): Promise<number> {
  writeFileSync(join(project, `${name}.mjs`), program);
  await build({
    config: false,
    cwd: project,
    entry: [`${name}.mjs`],
    outDir: "bundled",
    clean: false,
    format: "esm",
    platform: "browser",
    minify: true,
    dts: false,
    logLevel: "error",
    deps: { alwaysBundle: [/.*/], onlyBundle: false },
    outExtensions: () => ({ js: ".mjs" }),
  });
  return readFileSync(join(project, "bundled", `${name}.mjs`)).length;
}

/** Bundlers leave out what a page does not use, and no primitive of what it does. */
async function checkBundled(project: string): Promise<void> {
  const size = await bundled(project, "error", `import { UsageError } from "sampo"; console.log(UsageError.name);`);
  check(`a page that needs one class loads ${size} bytes`, size < 2000);
  await bundled(project, "all", `import { allPrimitives } from "sampo"; console.log(allPrimitives().length);`);
  const found = run(process.execPath, [join("bundled", "all.mjs")], project).trim();
  check("a bundle has all primitives", found === String(allPrimitives().length), found);
}

function checkCommand(project: string): void {
  const models = run("npx", ["--no-install", "sampo", "models", "--json"], project);
  check("`npx sampo models --json` lists the models", JSON.stringify(JSON.parse(models)).includes('"vae"'), models);
  const train = [
    "--no-install",
    "sampo",
    "train",
    "vae",
    "--data",
    "toy:moons",
    "--set",
    "latent=2",
    "--steps",
    "20",
    "--out",
    "run",
  ];
  run("npx", [...train, "--json"], project);
  check(
    "`npx sampo train` leaves a run",
    readFileSync(join(project, "run", "manifest.json"), "utf8").includes('"finished"'),
  );
}

function checkWithoutNative(project: string): void {
  rmSync(join(project, "node_modules", "onnxruntime-node"), { recursive: true, force: true });
  const first = run(process.execPath, ["first.mjs"], project);
  check("without the native engine it runs on WebAssembly", /1\.3817/.test(first), first);
}

const project = mkdtempSync(join(tmpdir(), "sampo-package-"));
try {
  const packed = pack(project);
  checkContents(packed);
  checkBrowserSafe();
  install(project, join(project, packed.filename));
  checkTypes(project);
  checkPrograms(project);
  checkInside(project);
  await checkBundled(project);
  checkCommand(project);
  checkWithoutNative(project);
} catch (error) {
  console.error(`FAILED  ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
