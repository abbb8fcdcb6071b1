import { drawNoise, type Toy } from "./toy.ts";

/** Whether the column of squares at x is shifted up by one square. */
const shifted = (x: number) => (((Math.floor(x / 2) % 2) + 2) % 2 === 1 ? 1 : 0);

/** The dark squares, of side 2, of a 4 × 4 board from -4 to 4: uniform on an area of 32. */
export const checkerboard: Toy = {
  components: 1,
  entropy: Math.log(32),
  via: "ln of the area",
  sample(k, count) {
    const { u } = drawNoise(k, count, 3, 0);
    const x = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) {
      const column = 8 * u(i, 0) - 4;
      x[2 * i] = column;
      x[2 * i + 1] = 2 * (u(i, 1) + shifted(column)) - (u(i, 2) < 0.5 ? 0 : 4);
    }
    return { x, labels: new Uint8Array(count) };
  },
  logProb(x, y) {
    if (!(Math.abs(x) <= 4 && Math.abs(y) <= 4)) return Number.NEGATIVE_INFINITY;
    return ((Math.floor(y / 2) % 2) + 2) % 2 === shifted(x) ? -Math.log(32) : Number.NEGATIVE_INFINITY;
  },
};
