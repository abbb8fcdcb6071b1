import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { registry } from "../src/models/registry.ts";
import { type Measured, type Recipe, recipes } from "../src/recipes/index.ts";

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

/** `≤ 86.28 ± 0.22`, with bits for each dimension where the recipe says how many there are. */
function figure({ measured, expected, dimensions }: Recipe): string {
  if (!measured) return `not measured (target ${expected.nats})`;
  const bound = measured.kind === "lower-bound" ? "≤ " : "";
  const bits = (nats: number) => (nats / (dimensions! * Math.LN2)).toFixed(3);
  const perDim = dimensions ? ` (${bound}${bits(measured.nats)} ± ${bits(measured.stderr)} bits/dim)` : "";
  const places = measured.nats < 10 ? 3 : 2;
  return `${bound}${measured.nats.toFixed(places)} ± ${measured.stderr.toFixed(places)}${perDim}`;
}

function published({ published, dimensions }: Recipe): string {
  const said = (nats: number) =>
    dimensions ? `${(nats / (dimensions * Math.LN2)).toFixed(2)} bits/dim` : String(Number(nats.toFixed(2)));
  return published.map(({ nats, source }) => `${said(nats)}: ${source}`).join("; ") || "–";
}

/** `1 step`, `2,000 steps`. */
const counted = (steps: number) => `${steps.toLocaleString("en")} ${steps === 1 ? "step" : "steps"}`;

/** What kind of figure it is: a bound says so itself. */
const means = ({ kind, via }: Measured) => (kind === "exact" ? `exact by the ${via}` : via);

/** Recipes whose likelihoods are for the same thing, in one table. */
function resultsPer(per: "image" | "token" | "row"): string {
  const measured = recipes.filter((recipe) => recipe.measured && (recipe.per ?? "image") === per);
  const rows = measured.map((recipe) => [
    recipe.title,
    figure(recipe),
    published(recipe),
    `${recipe.protocol}; ${means(recipe.measured!)}`,
    `${recipe.measured!.minutes} min (${counted(recipe.measured!.steps)}), ${recipe.measured!.machine}`,
  ]);
  const unit = { token: "nats per character", image: "nats per test image", row: "nats per test row" }[per];
  return table(["result", `negative log-likelihood, ${unit}`, "published", "protocol", "training"], rows);
}

function results(): string {
  const measured = recipes.filter((recipe) => recipe.measured);
  const commands = measured.map(({ title, commands }) => `# ${title}\n${commands.join("\n")}`).join("\n\n");
  const tables = `${resultsPer("image")}\n\n${resultsPer("token")}\n\n${resultsPer("row")}`;
  return `${tables}\n\nThe exact commands (\`src/recipes/\` holds them too, and recipes whose figures are still to be measured):\n\n\`\`\`sh\n${commands}\n\`\`\``;
}

/** What sampling times mean: tokens in a second, and how much caches save. */
function samplingSpeed(results: readonly Benchmark[]): string {
  const { sampling } = JSON.parse(read("bench/workloads.json")) as { sampling: { gpt: { tokens: number } } };
  const rate = (batch: number, ms: number) =>
    Math.round((1000 * batch * sampling.gpt.tokens) / ms).toLocaleString("en");
  const tokens = results.flatMap(({ name, ours, peer }) => {
    const batch = Number(/^sampling\/gpt-(\d+)$/.exec(name)?.[1]);
    if (!batch || !peer) return [];
    return `${rate(batch, ours.ms)} tokens per second in a batch of ${batch} (PyTorch with its own cache ${rate(batch, peer.ms)})`;
  });
  const [cached, row] = ["cached", "naive-row"].map((how) =>
    results.find(({ name }) => name === `sampling/pixelcnn-${how}`),
  );
  const rows = 28; // the naive workload draws the first of them
  const images =
    cached && row
      ? ` Sixteen 28×28 images of a Gated PixelCNN are drawn ${Math.round((rows * row.ours.ms) / cached.ours.ms)} times as fast with caches as without.`
      : "";
  return tokens.length === 0 ? "" : `The GPT of the table samples ${tokens.join(", ")}.${images}\n\n`;
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
  return `${about}\n\n${table(["workload", "Sampo, ms", "PyTorch, ms", "ratio", "ratio of fastest steps", "traced and compiled in"], rows)}\n\n${samplingSpeed(file.results)}\`npm run bench\` repeats it (\`bench/results.json\` has the parts of each convolution as well); \`bench/peers/\` holds the PyTorch side, \`bench/README.md\` says where PyTorch is faster and why.`;
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
