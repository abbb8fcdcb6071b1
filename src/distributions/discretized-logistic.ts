import { lift, type Tensor } from "../graph/index.ts";
import { logitOf, type NoiseLeaf, shapesOf, sumEvent, type Univariate } from "./distribution.ts";
import { type Grid, gridMoments, gridStep, toGrid, unitBytes } from "./grid.ts";
import type { LogisticParameters } from "./logistic.ts";

/**
 * log(σ(a) − σ(b)) of each bin, elementwise, with a and b its ends in standard units and δ = a − b = step/s:
 * log σ(a) + log σ(−b) + log(1 − e^{−δ}), exact and without cancellation; the outer bins have one end only.
 * log(1 − e^{−δ}) is taken as log(tanh(δ/2)·(1 + e^{−δ})), which keeps its precision for small δ in single precision.
 */
export function binLogProb(x: Tensor, mean: Tensor, logScale: Tensor, grid: Grid): Tensor {
  const half = gridStep(grid) / 2;
  const inverse = logScale.neg().exp();
  const centred = x.sub(mean);
  const below = centred.add(half).mul(inverse).logSigmoid(); // log P(X in this bin or lower)
  const above = centred.sub(half).mul(inverse).neg().logSigmoid(); // log P(X in this bin or higher)
  const delta = inverse.mul(2 * half);
  const width = delta.mul(0.5).tanh().mul(delta.neg().exp().add(1)).log();
  const inner = below.add(above).add(width);
  return x.less(grid.low + half).select(below, x.greater(grid.high - half).select(above, inner));
}

/** Independent numbers on a grid. */
export interface DiscretizedLogistic extends Univariate<NoiseLeaf> {
  readonly family: "discretizedLogistic";
  readonly location: Tensor;
  readonly logScale: Tensor;
  readonly grid: Grid;
  readonly eventRank: number;
}

/**
 * A logistic variable rounded to the nearest grid value: P(x) = σ((x + h − μ)/s) − σ((x − h − μ)/s) with h half a grid
 * step, and all mass beyond the ends in the outer bins, so that the bins sum to 1. Kingma et al. 2016, arXiv 1606.04934;
 * Salimans et al. 2017, arXiv 1701.05517. x must lie on the grid; `logProb` is a log-probability in nats, not a density.
 */
export function discretizedLogistic(
  parameters: LogisticParameters,
  eventRank = 0,
  grid: Grid = unitBytes,
): DiscretizedLogistic {
  const mu = lift(parameters.mean);
  const logScale = lift(parameters.logScale);
  const { batch, event, full } = shapesOf([mu, logScale], eventRank);
  const step = gridStep(grid);
  const upper = (x: Tensor) =>
    x
      .sub(mu)
      .add(step / 2)
      .mul(logScale.neg().exp())
      .sigmoid();
  const moments = () => gridMoments((x) => binLogProb(x, mu, logScale, grid), full.length, grid);
  return {
    family: "discretizedLogistic",
    location: mu,
    logScale,
    grid,
    eventRank,
    batch,
    event,
    noise: { law: "uniform", shape: full },
    reparameterized: false,
    logProb: (x) => sumEvent(binLogProb(x, mu, logScale, grid), eventRank),
    sample: (u) => toGrid(logitOf(u).mul(logScale.exp()).add(mu), grid),
    mean: () => moments().mean,
    variance: () => moments().variance,
    stdDev: () => moments().variance.sqrt(),
    entropy: () => sumEvent(moments().entropy, eventRank),
    cdf: (x) => x.greaterEqual(grid.high).select(1, upper(x)),
    inverseCdf: (u) => toGrid(u.log().sub(u.neg().add(1).log()).mul(logScale.exp()).add(mu), grid),
  };
}
