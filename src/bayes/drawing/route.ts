/** A place in the drawing. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box in the drawing by its middle. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** An arrow as it was laid out: the boxes it leads between, and places on its way, one in every gap and layer it crosses. */
export interface Laid {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
}

/** The boxes of one height in the drawing: from the highest top to the lowest bottom. */
interface Layer {
  readonly y: number;
  top: number;
  bottom: number;
}

/** Where an arrow runs: the x it goes straight down at through each layer, from its parent's to its child's. */
interface Lane {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

/** How near arrows come to each other at a box, and to its corners. */
const APART = 12;
const CORNER = 14;
/** How far an arrow goes straight on past a layer, and before the next, where its head is. */
const OUT = 4;
const IN = 12;

/**
 * The lanes of arrows, in their order: an arrow goes straight down through layers, where the layout left room for it, and
 * aside only in the gaps between them, so that it never runs behind a box. Arrows of one box stand apart.
 */
export function lanesOf(boxes: readonly Box[], arrows: readonly Laid[]): Lane[][] {
  const layers = layersOf(boxes);
  const at = (y: number) => layers.findIndex((layer) => Math.abs(layer.y - y) < 1);
  const starts = ports(boxes, arrows, "from");
  const ends = ports(boxes, arrows, "to");
  return arrows.map(({ from, to, points }, i) => {
    const [parent, child] = [boxes[from]!, boxes[to]!];
    const between = layers.slice(at(parent.y) + 1, at(child.y)).map(({ y, top, bottom }) => {
      return { x: nearest(points, y).x, top, bottom };
    });
    const [first, last] = [layers[at(parent.y)]!, layers[at(child.y)]!];
    return [
      { x: starts[i]!, top: parent.y + parent.height / 2, bottom: first.bottom },
      ...between,
      { x: ends[i]!, top: last.top, bottom: child.y - child.height / 2 },
    ];
  });
}

function layersOf(boxes: readonly Box[]): Layer[] {
  const layers: Layer[] = [];
  for (const { y, height } of boxes) {
    const own = layers.find((layer) => Math.abs(layer.y - y) < 1);
    if (!own) layers.push({ y, top: y - height / 2, bottom: y + height / 2 });
    else [own.top, own.bottom] = [Math.min(own.top, y - height / 2), Math.max(own.bottom, y + height / 2)];
  }
  return layers.sort((a, b) => a.y - b.y);
}

const nearest = (points: readonly Point[], y: number) =>
  points.reduce((best, point) => (Math.abs(point.y - y) < Math.abs(best.y - y) ? point : best));

/** Where each arrow leaves its parent or meets its child: below or above its way, apart from the box's other arrows. */
function ports(boxes: readonly Box[], arrows: readonly Laid[], end: "from" | "to"): number[] {
  const found = arrows.map(({ points }) => points.at(end === "from" ? 0 : -1)!.x);
  for (const [place, { x, width }] of boxes.entries()) {
    const own = [...arrows.keys()].filter((i) => arrows[i]![end] === place).sort((a, b) => found[a]! - found[b]!);
    const room = Math.max(0, width / 2 - CORNER);
    const apart = Math.min(APART, (2 * room) / Math.max(1, own.length - 1));
    own.forEach((i, k) => {
      const least = k === 0 ? x - room : found[own[k - 1]!]! + apart;
      found[i] = Math.max(found[i]!, least);
    });
    own.reverse().forEach((i, k) => {
      const most = k === 0 ? x + room : found[own[k - 1]!]! - apart;
      found[i] = Math.min(found[i]!, most);
    });
  }
  return found;
}

const round = (value: number) => String(Math.round(value * 10) / 10);

/** The path of an arrow along its lanes, without its head of `head` units: curves whose ends are upright. */
export function pathAlong(lanes: readonly Lane[], head: number): string {
  const [first, ...rest] = lanes;
  const parts = [`M${round(first!.x)} ${round(first!.top)}`];
  let [x, y] = [first!.x, first!.bottom + OUT];
  for (const lane of rest) {
    const [next, middle] = [lane.top - IN, (y + lane.top - IN) / 2];
    parts.push(
      `V${round(y)}C${round(x)} ${round(middle)} ${round(lane.x)} ${round(middle)} ${round(lane.x)} ${round(next)}`,
    );
    [x, y] = [lane.x, lane.bottom + OUT];
  }
  return `${parts.join("")}V${round(lanes.at(-1)!.bottom - head)}`;
}
