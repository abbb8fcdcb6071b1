import { lift, type Tensor } from "../graph/index.ts";
import { logitOf, type NoiseLeaf, shapesOf, sumEvent, type Univariate } from "./distribution.ts";
import { fromGridUnits, type Grid, gridMoments, gridUnits, toGrid, unitBytes } from "./grid.ts";
import type { LogisticParameters } from "./logistic.ts";

/**
 * log(σ(a) − σ(b)) of each bin, elementwise, with a and b its ends in standard units and δ = a − b = step/s:
 * log σ(a) + log σ(−b) + log(1 − e^{−δ}), exact and without cancellation; the outer bins have one end only.
 * log(1 − e^{−δ}) is taken as log(tanh(δ/2)·(1 + e^{−δ})), which keeps its precision for small δ in single precision;
 * x is rounded to whole grid steps, so that the end of one bin is the very number the next one begins with.
 */
export function binLogProb(x: Tensor, mean: Tensor, logScale: Tensor, grid: Grid): Tensor {
  const k = gridUnits(x, grid).round();
  const delta = logScale
    .neg()
    .exp()
    .mul(grid.high - grid.low)
    .div(grid.levels - 1);
  const centred = k.sub(gridUnits(mean, grid));
  const below = centred.add(0.5).mul(delta).logSigmoid(); // log P(X in this bin or lower)
  const above = centred.neg().add(0.5).mul(delta).logSigmoid(); // log P(X in this bin or higher)
  const width = delta.mul(0.5).tanh().mul(delta.neg().exp().add(1)).log();
  const inner = below.add(above).add(width);
  return k.less(0.5).select(below, k.greater(grid.levels - 1.5).select(above, inner));
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
  const scale = () => logScale.exp();
  const cdf = (x: Tensor) => {
    const k = gridUnits(x, grid).add(1e-3).floor(); // a grid value may round to just below its number
    const top = fromGridUnits(k.add(0.5), grid).sub(mu).div(scale()).sigmoid();
    return k.less(0).select(0, k.greaterEqual(grid.levels - 1).select(1, top));
  };
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
    sample: (u) => toGrid(logitOf(u).mul(scale()).add(mu), grid),
    mean: () => moments().mean,
    variance: () => moments().variance,
    stdDev: () => moments().variance.sqrt(),
    entropy: () => sumEvent(moments().entropy, eventRank),
    cdf,
    inverseCdf: (u) => toGrid(u.log().sub(u.neg().add(1).log()).mul(scale()).add(mu), grid),
  };
}
