import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ModelCard, renderCard } from "./card.ts";
import { codeBlock, codeSpan, escapeMarkdown, markdownTable } from "./markdown.ts";
import { browserSnippet, type CardFunction, nodeSnippet, pythonSnippet } from "./snippets.ts";

const decode: CardFunction = {
  name: "decode",
  file: "decode.onnx",
  doc: "Latent codes to the means of the pixels.",
  inputs: [
    { name: "z", dtype: "float32", shape: ["batch", 2], noise: "normal" },
    { name: "u", dtype: "float32", shape: ["batch", 3], noise: "uniform" },
    { name: "g", dtype: "float32", shape: ["batch", 5], noise: "gumbel" },
    { name: "label", dtype: "int64", shape: ["batch"], doc: "class number" },
  ],
  outputs: [{ name: "x", dtype: "float32", shape: ["batch", 1, 28, 28], doc: "means, 0 to 1" }],
};

const card: ModelCard = {
  model: "vae",
  about: "A variational autoencoder.",
  paper: { authors: "Kingma, Welling", title: "Auto-Encoding Variational Bayes", year: 2013, arxiv: "1312.6114" },
  data: { name: "mnist-binarized", protocol: "fixed binarisation", hash: "ab12" },
  likelihoods: [
    {
      kind: "lower-bound",
      nats: 86.93,
      stderr: 0.15,
      bitsPerDim: 0.16,
      via: "importance",
      split: "test",
      protocol: "fixed",
    },
  ],
  configuration: { latent: 50, encoder: { hidden: [200, 200] } },
  functions: [decode],
};

/** Runs a script snippet against a stand-in for the runtime that checks what it is fed. */
function runScript(snippet: string, packageName: string): string {
  const folder = fs.mkdtempSync(join(tmpdir(), "sampo-card-"));
  try {
    const fake = `export class Tensor { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
      export const InferenceSession = { create: async (path) => ({ run: async (feeds) => {
        const fed = Object.entries(feeds).map(([name, t]) => [name, t.type, t.data.constructor.name, t.data.length, t.dims,
          Array.from(t.data, Number).every(Number.isFinite), new Set(t.data).size > 1]);
        console.log(JSON.stringify({ path, fed })); return { x: { dims: [4, 1, 28, 28] } }; } }) };`;
    const home = join(folder, "node_modules", packageName);
    fs.mkdirSync(home, { recursive: true });
    fs.writeFileSync(
      join(home, "package.json"),
      JSON.stringify({ name: packageName, type: "module", exports: "./index.js" }),
    );
    fs.writeFileSync(join(home, "index.js"), fake);
    fs.writeFileSync(join(folder, "run.mjs"), snippet);
    const result = spawnSync(process.execPath, ["run.mjs"], { cwd: folder, encoding: "utf8" });
    expect(result.stderr).toBe("");
    return result.stdout;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe("snippets", () => {
  for (const [name, snippet, packageName] of [
    ["Node", nodeSnippet(decode), "onnxruntime-node"],
    ["browser", browserSnippet(decode), "onnxruntime-web"],
  ] as const)
    it(`for ${name} runs and feeds every input with its type, shape and noise`, () => {
      const [first, second] = runScript(snippet, packageName).trim().split("\n");
      expect(JSON.parse(first!)).toEqual({
        path: "./decode.onnx",
        fed: [
          ["z", "float32", "Float32Array", 8, [4, 2], true, true],
          ["u", "float32", "Float32Array", 12, [4, 3], true, true],
          ["g", "float32", "Float32Array", 20, [4, 5], true, true],
          ["label", "int64", "BigInt64Array", 4, [4], true, false],
        ],
      });
      expect(second).toBe("[ 4, 1, 28, 28 ]");
    });

  it("for Python feeds the same", () => {
    const text = pythonSnippet(decode);
    for (const line of [
      '"z": rng.standard_normal((4, 2)).astype("float32"),  # normal noise',
      '"u": rng.random((4, 3)).astype("float32"),',
      '"g": rng.gumbel(size=(4, 5)).astype("float32"),',
      '"label": np.zeros((4,), dtype="int64"),  # class number',
    ])
      expect(text).toContain(line);
  });

  it.skipIf(spawnSync("python3", ["--version"]).status !== 0)("for Python is valid (python3 on this machine)", () => {
    const program = "import ast, sys; ast.parse(sys.stdin.read())";
    expect(spawnSync("python3", ["-c", program], { input: pythonSnippet(decode), encoding: "utf8" }).stderr).toBe("");
  });

  it("keep hostile names inside their strings and comments", () => {
    const name = `x": 1 }); process.exit(3); ({ "`;
    const hostile = { ...decode, inputs: [{ ...decode.inputs[3]!, name, doc: "a\n  throw 1" }] };
    expect(runScript(nodeSnippet(hostile), "onnxruntime-node")).toContain("[ 4, 1, 28, 28 ]");
  });
});

describe("model card", () => {
  it("has every section, the likelihood with its kind, and the functions with their shapes", () => {
    const text = renderCard(card);
    const titles = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    const wanted = [
      "Paper",
      "Data",
      "Likelihood",
      "Functions",
      "How to run",
      "Configuration",
      "Intended use",
      "Limits",
    ];
    expect(titles).toEqual(wanted);
    expect(text).toContain("| test | **≤ 86.93 ± 0.15** | ≤ 0.1600 | lower-bound | importance | fixed |");
    expect(text).toContain("| in | `z` | float32 | `[batch, 2]` | noise: normal |");
    expect(text).toContain("| out | `x` | float32 | `[batch, 1, 28, 28]` | means, 0 to 1 |");
    expect(text).toContain("[arXiv 1312.6114](https://arxiv.org/abs/1312.6114)");
    expect(text).toContain("| `encoder.hidden` | `200, 200` |");
    expect(text.startsWith('---\nlibrary_name: sampo\ntags:\n  - "generative"')).toBe(true);
  });

  it("runs the example asked for and leaves out what is absent", () => {
    const encode = { ...decode, name: "encode", file: "encode.onnx" };
    const { paper: _, ...rest } = card;
    const text = renderCard({ ...rest, likelihoods: [], functions: [encode, decode], example: "decode" });
    expect(text).toContain('InferenceSession.create("./decode.onnx")');
    expect(text).not.toContain('InferenceSession.create("./encode.onnx")');
    expect(text).not.toMatch(/^## (Paper|Likelihood|Training)$/m);
    expect(renderCard({ ...card, functions: [] })).not.toContain("How to run");
  });

  it("lets no foreign text become mark-up", () => {
    const bad = "<script>x</script> | ](javascript:1) **b** `c`\n# head\n---";
    const text = renderCard({
      ...card,
      model: bad,
      about: bad,
      paper: { authors: bad, title: bad, year: 1, arxiv: "x)](javascript:1" },
      data: { name: bad, protocol: bad, hash: bad },
      configuration: { [bad]: bad },
    });
    const body = text.slice(text.indexOf("\n---\n", 4) + 5).replace(/``.*?``|`[^`\n]*`/g, "");
    expect(body).not.toMatch(/<script|^# head|[^\\]\]\(javascript|[^\\]\*\*b/m);
  });
});

describe("markdown", () => {
  it("escapes text for tables", () => {
    expect(escapeMarkdown("a|b *c* <d>\n& e_f")).toBe("a\\|b \\*c\\* &lt;d&gt; &amp; e\\_f");
  });

  it("fences code that holds fences", () => {
    expect(codeSpan("a`b|c")).toBe("``a`b\\|c``");
    expect(codeSpan("`")).toBe("`` ` ``");
    expect(codeBlock("js", "```\nx\n")).toBe("````js\n```\nx\n````");
  });

  it("draws tables", () => {
    expect(markdownTable(["a", "b"], [["1", "2"]])).toBe("| a | b |\n| --- | --- |\n| 1 | 2 |");
  });
});
