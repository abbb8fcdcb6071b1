import { Graph, layout } from "@dagrejs/dagre";
import { dagFrom, topologicalOrder } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { type DrawnNode, PAD, type Panel, panelOf, ROW, shortNumber, shortProbability, TITLE } from "./panel.ts";
import { type Laid, lanesOf, type Point, pathAlong } from "./route.ts";

/** How a network is drawn. */
export interface DrawOptions {
  /** Most rows of a table (9); 0 draws names alone. */
  readonly rows?: number;
}

const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', sans-serif";
const ink = "#1f242b";
const grey = "#606873";
const line = "#8793a1";
const blue = "#3b78c4";
const MARGIN = 16;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replace(/[&<>"']/g, (letter) => entities[letter]!);
const round = (value: number) => String(Math.round(value * 10) / 10);

/**
 * A network as SVG: layers from causes down to effects (Sugiyama layout by dagre), each node with its name and its table,
 * whose cells are the bluer the more probable. Long tables show their first rows and say how many more there are.
 */
export function drawNetwork(network: Network, options: DrawOptions = {}): string {
  return drawNodes(network.name, drawnNodes(network), options);
}

/** The nodes of a network as they are drawn. */
export function drawnNodes({ nodes }: Network): DrawnNode[] {
  const known = new Map(nodes.map(({ variable }) => [variable.name, variable]));
  return nodes.map(({ variable: { name, states }, parents, table }) => ({
    name,
    parents,
    above: parents.flatMap((parent) => known.get(parent) ?? []),
    heads: states,
    values: table,
    probabilities: true,
  }));
}

/** Nodes of any kind as SVG, as `drawNetwork`; numbers that are no probabilities stand without a tint. */
export function drawNodes(name: string, nodes: readonly DrawnNode[], { rows = 9 }: DrawOptions = {}): string {
  topologicalOrder(dagFrom(nodes.map((node) => [node.name, node.parents] as const)));
  const panels = nodes.map((node) => panelOf(node, rows));
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 26, ranksep: 54, edgesep: 12, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  // Places, not names: names may be anything.
  panels.forEach(({ width, height }, i) => {
    graph.setNode(`n${i}`, { width, height });
  });
  const places = new Map(nodes.map((node, i) => [node.name, i]));
  nodes.forEach(({ parents }, child) => {
    for (const parent of parents) graph.setEdge(`n${places.get(parent)}`, `n${child}`);
  });
  layout(graph);
  const page = graph.graph() as { width?: number; height?: number };
  const [width, height] = [Math.ceil(page.width ?? 2 * MARGIN), Math.ceil(page.height ?? 2 * MARGIN)];
  const boxes = panels.map(({ width, height }, i) => ({ ...(graph.node(`n${i}`) as Point), width, height }));
  const arrows: Laid[] = graph.edges().map((edge: { v: string; w: string }) => {
    const { points } = graph.edge(edge) as { points: Point[] };
    // The first and the last are on the boxes.
    return { from: Number(edge.v.slice(1)), to: Number(edge.w.slice(1)), points: points.slice(1, -1) };
  });
  const lanes = lanesOf(boxes, arrows);
  const edges = arrows.map(({ from, to }, i) => arrowSvg(lanes[i]!, `${nodes[from]!.name} → ${nodes[to]!.name}`));
  const drawn = panels.map((panel, i) => {
    const { x, y } = boxes[i]!;
    return panelSvg(panel, nodes[i]!.name, x - panel.width / 2, y - panel.height / 2);
  });
  const title = escaped(name);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${title}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${fontFamily}" font-size="11">`,
    `<title>${title}</title><rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...edges,
    ...drawn,
    "</svg>",
  ].join("\n");
}

/** The length of an arrowhead. */
const HEAD = 8;

/** An arrow along its lanes, with its head. */
function arrowSvg(lanes: ReturnType<typeof lanesOf>[number], title: string): string {
  const { x, bottom } = lanes.at(-1)!;
  const head = `M${round(x)} ${round(bottom)}l-4 ${-HEAD}h8Z`;
  return `<g><title>${escaped(title)}</title><path d="${pathAlong(lanes, HEAD)}" fill="none" stroke="${line}" stroke-width="1.3"/><path d="${head}" fill="${line}"/></g>`;
}

const text = (x: number, y: number, said: string, more = "") =>
  `<text x="${round(x)}" y="${round(y)}" fill="${ink}"${more}>${escaped(said)}</text>`;

function panelSvg(panel: Panel, name: string, left: number, top: number): string {
  const { width, height, title, heads, rows, widths, parents, hidden } = panel;
  const parts = [
    `<g><title>${escaped(name)}</title>`,
    `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="5" fill="#ffffff" stroke="${ink}" stroke-opacity="0.55"/>`,
    text(left + width / 2, top + 16.5, title, ' font-size="13" font-weight="600" text-anchor="middle"'),
  ];
  const free = width - 2 * PAD - widths.reduce((sum, each) => sum + each, 0);
  const starts = widths.map((_, i) => left + PAD + free / 2 + widths.slice(0, i).reduce((sum, each) => sum + each, 0));
  let y = top + TITLE;
  if (heads.length > 0)
    parts.push(
      `<path d="M${round(left)} ${round(y - 1)}h${round(width)}" stroke="${ink}" stroke-opacity="0.25"/>`,
      ...heads.map((head, i) =>
        i < parents
          ? text(starts[i]!, y + 12, head, ` fill-opacity="0.65" font-style="italic"`)
          : text(starts[i]! + widths[i]! / 2, y + 12, head, ' text-anchor="middle"'),
      ),
    );
  y += ROW;
  for (const { given, values } of rows) {
    given.forEach((state, i) => {
      parts.push(text(starts[i]!, y + 12, state, ` style="fill:${grey}"`));
    });
    values.forEach((p, k) => {
      const [x, cell] = [starts[parents + k]!, widths[parents + k]!];
      if (!panel.probabilities) {
        parts.push(text(x + cell / 2, y + 12, shortNumber(p), ' text-anchor="middle"'));
        return;
      }
      parts.push(
        `<rect x="${round(x + 1)}" y="${round(y + 1)}" width="${round(cell - 2)}" height="${ROW - 2}" fill="${blue}" fill-opacity="${round(0.6 * p * 10) === "0" ? 0.04 : Math.round((0.04 + 0.5 * p) * 100) / 100}"/>`,
        text(x + cell / 2, y + 12, shortProbability(p), ' text-anchor="middle"'),
      );
    });
    y += ROW;
  }
  if (hidden > 0)
    parts.push(text(left + width / 2, y + 12, `${hidden} more rows`, ` text-anchor="middle" style="fill:${grey}"`));
  return `${parts.join("")}</g>`;
}
