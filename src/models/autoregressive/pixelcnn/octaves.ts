import { concat, type Tensor } from "../../../graph/index.ts";

/** What a network sees of a pixel's value beside the value itself. */
export interface Octaves {
  /** Channels a value becomes. */
  readonly width: number;
  /** Replaces channels [.., C, ..] along an axis by [.., width·C, ..], all channels' values first. */
  readonly expand: (x: Tensor, axis: number) => Tensor;
}

/**
 * A value n·unit together with waves of n whose periods are 2, 4, …, 2^count: 1 − cos(2πn/2^k) and sin(2πn/2^k). A network
 * then tells 253 from 254 as easily as black from white, which it cannot by the value alone; all are zero where the value
 * is, so that black looks like the padding as before. Fourier features of values as in Kingma et al. 2021, arXiv
 * 2107.00630, section 4.
 */
export function octaves(count: number, unit: number): Octaves {
  const waves = (x: Tensor) =>
    Array.from({ length: count }, (_, i) => {
      const angle = x.mul((2 * Math.PI) / (unit * 2 ** (i + 1)));
      const even = angle.cos().neg().add(1);
      return i === 0 ? [even] : [even, angle.sin()]; // sin(πn) is zero for every n.
    }).flat();
  return {
    width: Math.max(1, 2 * count),
    expand: (x, axis) => (count === 0 ? x : concat([x, ...waves(x)], axis)),
  };
}
