import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { registry } from "../src/models/registry.ts";
import { type Recipe, recipes } from "../src/recipes/index.ts";

const root = new URL("../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

/** One line of bench/results.json, as `npm run bench -- --json` writes it. */
interface Benchmark {
  readonly name: string;
  readonly ours: { readonly ms: number; readonly threads: number; readonly prepareSeconds?: number };
  readonly peer?: { readonly ms: number; readonly threads: number; readonly variant: string };
  readonly ratio?: number;
  readonly leastRatio?: number;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function models(): string {
  const rows = registry.map(({ name, title, paper, kind, presets }) => [
    `\`${name}\``,
    title,
    paper,
    kind,
    Object.keys(presets)
      .map((preset) => `\`${preset}\``)
      .join(", "),
  ]);
  return table(["model", "what it is", "paper", "likelihood", "presets"], rows);
}

function figure({ measured, expected }: Recipe): string {
  if (!measured) return `not measured (target ${expected.nats})`;
  const bound = measured.kind === "lower-bound" ? "≤ " : "";
  return `${bound}${measured.nats.toFixed(2)} ± ${measured.stderr.toFixed(2)}`;
}

function results(): string {
  const measured = recipes.filter((recipe) => recipe.measured);
  const rows = measured.map((recipe) => [
    recipe.title,
    figure(recipe),
    recipe.published.map(({ nats, source }) => `${nats} (${source})`).join("; "),
    `${recipe.protocol}; ${recipe.measured?.via ?? "importance-weighted bound"}`,
    recipe.measured ? `${recipe.measured.minutes} min, ${recipe.measured.machine}` : "–",
  ]);
  const head = ["result", "negative log-likelihood, nats per test image", "published", "protocol", "training"];
  const commands = measured.map(({ title, commands }) => `# ${title}\n${commands.join("\n")}`).join("\n\n");
  return `${table(head, rows)}\n\nThe exact commands (\`src/recipes/\` holds them too, and recipes whose figures are still to be measured):\n\n\`\`\`sh\n${commands}\n\`\`\``;
}

function benchmarks(): string {
  if (!existsSync(new URL("bench/results.json", root))) return "Run `npm run bench`.";
  const file = JSON.parse(read("bench/results.json")) as {
    machine: string;
    node: string;
    onnxruntime: string;
    peer: string;
    results: Benchmark[];
  };
  const ms = (value: number) => (value < 1 ? value.toFixed(3) : value.toFixed(1));
  const whole = file.results.filter(({ name }) => !/^conv.*\/(forward|dX|dW)$/.test(name));
  const rows = whole.map(({ name, ours, peer, ratio, leastRatio }) => [
    name,
    ms(ours.ms),
    peer ? ms(peer.ms) : "–",
    ratio === undefined ? "–" : ratio.toFixed(2),
    leastRatio === undefined ? "–" : leastRatio.toFixed(2),
    ours.prepareSeconds === undefined ? "–" : `${Math.round(1000 * ours.prepareSeconds)} ms`,
  ]);
  const about = `Median milliseconds, both sides in alternation within the same minutes, each at its best of one and two threads: ${file.machine}, Node ${file.node}, onnxruntime ${file.onnxruntime}; ${file.peer}.`;
  return `${about}\n\n${table(["workload", "Sampo, ms", "PyTorch, ms", "ratio", "ratio of fastest steps", "traced and compiled in"], rows)}\n\n\`npm run bench\` repeats it (\`bench/results.json\` has the parts of each convolution as well); \`bench/peers/\` holds the PyTorch side, \`bench/README.md\` says where PyTorch is faster and why.`;
}

const parts: Readonly<Record<string, () => string>> = {
  "examples/first.ts": () => `\`\`\`ts\n${read("examples/first.ts").trim()}\n\`\`\``,
  "examples/vae.ts": () => `\`\`\`ts\n${read("examples/vae.ts").trim()}\n\`\`\``,
  models,
  results,
  benchmarks,
};

/** The README with every generated part made anew. */
export function renderReadme(text: string): string {
  return text.replaceAll(/<!-- begin (\S+) -->[\s\S]*?<!-- end -->/g, (whole, name: string) => {
    const part = parts[name];
    return part ? `<!-- begin ${name} -->\n${part()}\n<!-- end -->` : whole;
  });
}

if (process.argv[1]?.endsWith("readme.ts")) writeFileSync(new URL("README.md", root), renderReadme(read("README.md")));
