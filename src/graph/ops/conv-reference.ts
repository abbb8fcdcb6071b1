import type { Geometry } from "./conv-shape.ts";

/**
 * Visits every product of a convolution: y[yi] += x[xi]·w[wi]. Forward, input gradient and weight gradient are the three
 * ways to read this one bilinear form.
 */
export function forEachTap(g: Geometry, visit: (xi: number, wi: number, yi: number) => void): void {
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

function visitPlane(
  g: Geometry,
  x: number,
  w: number,
  y: number,
  visit: (xi: number, wi: number, yi: number) => void,
): void {
  for (let i = 0; i < g.kernel[0]; i++)
    for (let j = 0; j < g.kernel[1]; j++)
      for (let oi = 0; oi < g.out[0]; oi++) {
        const row = oi * g.stride[0] + i * g.dilation[0] - g.padding[0][0];
        if (row < 0 || row >= g.size[0]) continue;
        for (let oj = 0; oj < g.out[1]; oj++) {
          const column = oj * g.stride[1] + j * g.dilation[1] - g.padding[1][0];
          if (column < 0 || column >= g.size[1]) continue;
          visit(x + row * g.size[1] + column, w + i * g.kernel[1] + j, y + oi * g.out[1] + oj);
        }
      }
}
