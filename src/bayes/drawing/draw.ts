import { Graph, layout } from "@dagrejs/dagre";
import { dagFrom, topologicalOrder } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { type DrawnNode, PAD, type Panel, panelOf, ROW, shortNumber, shortProbability, TITLE } from "./panel.ts";

/** How a network is drawn. */
export interface DrawOptions {
  /** Most rows of a table (9); 0 draws names alone. */
  readonly rows?: number;
}

/** A place in the drawing. */
interface Point {
  readonly x: number;
  readonly y: number;
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
  graph.setGraph({ rankdir: "TB", nodesep: 26, ranksep: 44, edgesep: 12, marginx: MARGIN, marginy: MARGIN });
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
  const centres = panels.map((_, i) => graph.node(`n${i}`) as Point);
  const edges = graph.edges().map((edge: { v: string; w: string }) => {
    const { v, w } = edge;
    const [from, to] = [Number(v.slice(1)), Number(w.slice(1))];
    const { points } = graph.edge(edge) as { points: Point[] };
    const title = `${nodes[from]!.name} → ${nodes[to]!.name}`;
    return edgeSvg(upright(points, from, to, panels, centres), title);
  });
  const drawn = panels.map((panel, i) => {
    const { x, y } = centres[i]!;
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

/**
 * The points of an edge that leaves its parent at the bottom and meets its child at the top, and turns aside only between
 * layers, so that it does not run behind the neighbours of either.
 */
function upright(
  points: readonly Point[],
  from: number,
  to: number,
  panels: readonly Panel[],
  centres: readonly Point[],
): Point[] {
  const half = (i: number) => panels[i]!.height / 2;
  const layer = (i: number) => Math.max(...centres.map(({ y }, j) => (Math.abs(y - centres[i]!.y) < 1 ? half(j) : 0)));
  const within = (i: number, x: number) => {
    const room = Math.max(0, panels[i]!.width / 2 - 14);
    return Math.min(centres[i]!.x + room, Math.max(centres[i]!.x - room, x));
  };
  const inner = points.slice(1, -1);
  // Through the layers on its way it goes straight down, in the gap that the layout left for it.
  const straight = ({ x, y }: Point) => {
    const level = centres.findIndex((centre) => Math.abs(centre.y - y) < 1);
    const room = level < 0 ? 0 : layer(level) + 6;
    return room > 0
      ? [
          { x, y: y - room },
          { x, y: y + room },
        ]
      : [{ x, y }];
  };
  const startX = within(from, (inner[0] ?? centres[to]!).x);
  const endX = within(to, (inner.at(-1) ?? centres[from]!).x);
  const [bottom, top] = [centres[from]!.y, centres[to]!.y];
  return [
    { x: startX, y: bottom + half(from) },
    { x: startX, y: bottom + layer(from) + 6 },
    ...inner.slice(1, -1).flatMap(straight),
    { x: endX, y: top - layer(to) - 12 },
    { x: endX, y: top - half(to) },
  ];
}

/** A smooth line through the middles between points, with an arrowhead. */
function edgeSvg(points: readonly Point[], title: string): string {
  const [last, before] = [points.at(-1)!, points.at(-2)!];
  const length = Math.hypot(last.x - before.x, last.y - before.y) || 1;
  const [ux, uy] = [(last.x - before.x) / length, (last.y - before.y) / length];
  const neck = { x: last.x - 8 * ux, y: last.y - 8 * uy };
  const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
  const path = [`M${at(points[0]!)}`];
  for (let i = 1; i < points.length - 1; i++) {
    const next =
      i === points.length - 2
        ? neck
        : { x: (points[i]!.x + points[i + 1]!.x) / 2, y: (points[i]!.y + points[i + 1]!.y) / 2 };
    path.push(`Q${at(points[i]!)} ${at(next)}`);
  }
  if (points.length === 2) path.push(`L${at(neck)}`);
  const side = (sign: number) => at({ x: neck.x - 4 * sign * uy, y: neck.y + 4 * sign * ux });
  return `<g><title>${escaped(title)}</title><path d="${path.join("")}" fill="none" stroke="${line}" stroke-width="1.3"/><path d="M${at(last)}L${side(1)}L${side(-1)}Z" fill="${line}"/></g>`;
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
