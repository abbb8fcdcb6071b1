import sharp from "sharp";
import { writeFileAtomic } from "../../../artifacts/files.node.ts";
import { SampoError, UsageError } from "../../../base/errors.ts";
import { drawNodes, drawnNodes } from "../../../bayes/index.ts";
import { drawnColumns } from "../../../models/bayesian-network/drawn.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { wholeNumber } from "../../parse.ts";
import { fileArgument, openLearnt, openNetwork, readingOptions } from "./question.ts";

/** The longest side of a PNG in pixels. */
const LONGEST = 16_000;

/** `sampo bayes draw`. */
export const drawCommand: CommandSpec = {
  name: "draw",
  summary: "A picture of a network: its arrows in layers, each variable with its table.",
  arguments: [fileArgument],
  options: [
    { flags: "--out <file>", description: "an SVG or PNG file", default: "network.svg" },
    {
      flags: "--rows <number>",
      description: "most rows shown of a table; 0 for names alone",
      parse: wholeNumber(0),
      default: 9,
    },
    ...readingOptions,
  ],
  examples: ["bayes draw asia.bif --out asia.svg", "bayes draw alarm.bif --rows 0 --out alarm.png"],
  run: draw,
};

async function draw(invocation: Invocation): Promise<Result> {
  const { options } = invocation;
  const file = options.out as string;
  const png = file.toLowerCase().endsWith(".png");
  if (!png && !file.toLowerCase().endsWith(".svg"))
    throw new UsageError(`A drawing is written as .svg or .png; got "${file}".`);
  const { name, nodes } = drawnOf(invocation);
  const svg = drawNodes(name, nodes, { rows: options.rows as number });
  const [width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.slice(1).map(Number);
  writeFileAtomic(file, png ? await pngOf(svg, width!, height!) : `${svg}\n`);
  const arrows = nodes.reduce((sum, { parents }) => sum + parents.length, 0);
  return {
    text: `${file}: ${nodes.length} variables, ${arrows} arrows, ${width} × ${height}`,
    json: { file, variables: nodes.length, arrows, width, height },
  };
}

/** What a file or a run holds to be drawn. */
function drawnOf(invocation: Invocation) {
  const run = openLearnt(invocation);
  if (run) return { name: run.name, nodes: drawnColumns(run.learnt) };
  const network = openNetwork(invocation);
  return { name: network.name, nodes: drawnNodes(network) };
}

/** The drawing in pixels, two for a unit where that is not too large. */
async function pngOf(svg: string, width: number, height: number): Promise<Uint8Array> {
  const scale = Math.min(2, LONGEST / Math.max(width, height));
  if (scale < 0.2)
    throw new SampoError("The drawing is too large for a PNG: write an .svg, or names alone with --rows 0.");
  return sharp(new TextEncoder().encode(svg), { density: 72 * scale, unlimited: true })
    .png()
    .toBuffer();
}
