import type { Geometry } from "./conv-shape.ts";

/** Products of one weight with a row: y[yi + j] and x[xi + j·step] for j below `count`. */
export type Row = (xi: number, wi: number, yi: number, count: number, step: number) => void;

/**
 * Visits every product of a convolution, row by row: y[yi] += x[xi]·w[wi]. Forward, input gradient and weight gradient are
 * the three ways to read this one bilinear form.
 */
export function forEachRow(g: Geometry, visit: Row): void {
  const [perGroup, outputs] = [g.c / g.groups, g.k / g.groups];
  const [plane, outPlane] = [g.size[0] * g.size[1], g.out[0] * g.out[1]];
  for (let n = 0; n < g.n; n++)
    for (let k = 0; k < g.k; k++)
      for (let c = 0; c < perGroup; c++) {
        const channel = Math.floor(k / outputs) * perGroup + c;
        const offsets = { x: (n * g.c + channel) * plane, w: (k * perGroup + c) * g.kernel[0] * g.kernel[1] };
        visitPlane(g, offsets.x, offsets.w, (n * g.k + k) * outPlane, visit);
      }
}

function visitPlane(g: Geometry, x: number, w: number, y: number, visit: Row): void {
  const step = g.stride[1];
  for (let j = 0; j < g.kernel[1]; j++) {
    const start = j * g.dilation[1] - g.padding[1][0]; // the column of x for the first one of y; those inside are from..to−1
    const from = Math.max(0, Math.ceil(-start / step));
    const to = Math.min(g.out[1], Math.ceil((g.size[1] - start) / step));
    if (to <= from) continue;
    for (let i = 0; i < g.kernel[0]; i++)
      for (let oi = 0; oi < g.out[0]; oi++) {
        const row = oi * g.stride[0] + i * g.dilation[0] - g.padding[0][0];
        if (row < 0 || row >= g.size[0]) continue;
        const first = x + row * g.size[1] + start + from * step;
        visit(first, w + i * g.kernel[1] + j, y + oi * g.out[1] + from, to - from, step);
      }
  }
}
