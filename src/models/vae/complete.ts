import { requantized } from "../../base/bytes.ts";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { sameShape, showShape, sizeOf } from "../../base/shape.ts";
import { Spec, type Tensor } from "../../graph/index.ts";
import { fold } from "../../random/index.ts";
import { type Bound, drawNoise, inChunks, rows } from "../bound.ts";
import type { CompleteOptions, GraphFunction } from "../contract.ts";
import { labelRows } from "../labels.ts";
import { traced, type VaeParts } from "./functions.ts";
import { reparameterize } from "./objective.ts";

const CHUNK = 100;
const SWEEPS = 100;
/** Share of the sweeps that accept every proposal: they carry the chain from its noisy start to where it belongs. */
const WARM_UP = 0.5;
/** Standard deviations of the prior beyond which such a proposal is cut off. */
const FARTHEST = 5;

/**
 * One sweep over latent and missing pixels whose stationary law is the model's own p(z, missing | observed): propose
 * z' ~ q(z|x), accept it with probability min(1, w(z')/w(z)), w = p(x|z) p(z) / q(z|x), then draw the missing pixels
 * from p(x|z). Mattei & Frellsen 2018, arXiv 1802.04826, section 3.3 (Metropolis within Gibbs); without the
 * acceptance step it is Rezende et al. 2014, arXiv 1401.4082, appendix F.
 */
export function gibbsSweep(parts: VaeParts): GraphFunction {
  const { head, data, latent, classes } = parts;
  const image = (n: number) => new Spec([n, ...data.shape]);
  return {
    doc: "one Metropolis-within-Gibbs sweep over the code and the missing elements",
    noise: { noise: "normal", pixels: head.law, accept: "uniform" },
    inputs: (n) => ({
      x: image(n),
      observed: image(n),
      z: new Spec([n, latent]),
      noise: new Spec([n, latent]),
      pixels: image(n),
      accept: new Spec([n]),
      ...(classes > 0 ? { labels: new Spec([n, classes]) } : {}),
    }),
    apply: (params, { x, observed, z, noise, pixels, accept, labels }) => {
      const model = traced(parts, params);
      const n = x!.shape[0]!;
      const code = model.encode(x!, labels);
      const logWeight = (code_: Tensor) => {
        const raw = model.decode(code_, labels);
        const deviation = code_.sub(code.mean).square().mul(code.logVar.neg().exp());
        const prior = code_.square().sub(deviation).sub(code.logVar).sum(1).mul(-0.5);
        return { raw, value: head.logProb(raw, x!.flatten(1)).add(prior) };
      };
      const proposed = kept(reparameterize(code, noise!), accept!);
      const [now, next] = [logWeight(z!), logWeight(proposed)];
      const accepted = accept!.log().less(next.value.sub(now.value));
      const pick = (yes: Tensor, no: Tensor) =>
        accepted.reshape([n, ...new Array<number>(yes.rank - 1).fill(1)]).select(yes, no);
      const draw = head.unrounded ?? head.sample;
      const drawn = draw(pick(next.raw, now.raw), pixels!.flatten(1)).reshape(x!.shape);
      return { x: observed!.greater(0.5).select(x!, drawn), z: pick(proposed, z!) };
    },
  };
}

/**
 * Proposals taken without asking (accept = 0) kept where the prior has its mass: from elements far off the data an
 * encoder may lead anywhere, and every further sweep further away.
 */
function kept(proposed: Tensor, accept: Tensor): Tensor {
  return accept.reshape([-1, 1]).greater(0).select(proposed, proposed.clip(-FARTHEST, FARTHEST));
}

function checkMask(x: HostArray, observed: HostArray): void {
  if (!sameShape(x.shape, observed.shape))
    throw new UsageError(
      `the mask has shape ${showShape(observed.shape)}, the data ${showShape(x.shape)}; they must agree`,
    );
}

/**
 * The capability `complete`: observed elements come back bit for bit, missing ones drawn from the model. The first half of
 * the sweeps leaves the acceptance step out: from its random start the exact chain would rarely move.
 */
export function completer(parts: VaeParts) {
  const sweep = gibbsSweep(parts);
  const size = sizeOf(parts.data.shape);
  return async (
    on: Bound,
    x: HostArray<"float32">,
    observed: HostArray<"float32">,
    options: CompleteOptions,
  ): Promise<HostArray<"float32">> => {
    checkMask(x, observed);
    const { key, sweeps = SWEEPS, labels, stated } = options;
    stated?.(`an approximation of the conditional (${sweeps} sweeps of Metropolis within Gibbs)`);
    const count = x.shape[0]!;
    const result = new Float32Array(x.data);
    const given = labelRows(parts.classes, labels, count);
    await inChunks(
      count,
      CHUNK,
      async (start, end) => {
        const mask = rows(observed, start, end);
        const part = { observed: mask, ...(given ? { labels: rows(given, start, end) } : {}) };
        let state = {
          x: filled(
            rows(x, start, end),
            mask,
            drawNoise("uniform", fold(key, "start"), [end - start, size], start * size),
          ),
          z: drawNoise("normal", fold(key, "code"), [end - start, parts.latent], start * parts.latent),
        };
        for (let s = 0; s < sweeps; s++) {
          const noise = sweepNoise(parts, fold(key, s), start, end);
          if (s < WARM_UP * sweeps) noise.accept.data.fill(0);
          const { x: nextX, z } = await on.run(sweep, { ...part, ...state, ...noise });
          state = { x: nextX!, z: z! };
        }
        result.set(state.x.data, start * size);
      },
      options.progress,
    );
    for (let i = 0; i < result.length; i++) {
      if (observed.data[i]! > 0.5) result[i] = x.data[i]!;
      else if (parts.head.unrounded) result[i] = requantized(result[i]!);
    }
    return new HostArray("float32", x.shape, result);
  };
}

/** Missing elements start as fair coins on the observed range [0, 1]. */
function filled(
  x: HostArray<"float32">,
  mask: HostArray<"float32">,
  noise: HostArray<"float32">,
): HostArray<"float32"> {
  const data = x.data.map((value, i) => (mask.data[i]! > 0.5 ? value : Math.round(noise.data[i]!)));
  return new HostArray("float32", x.shape, data);
}

function sweepNoise(parts: VaeParts, key: ReturnType<typeof fold>, start: number, end: number) {
  const { latent, data, head } = parts;
  const [n, size] = [end - start, sizeOf(data.shape)];
  return {
    noise: drawNoise("normal", fold(key, "noise"), [n, latent], start * latent),
    pixels: drawNoise(head.law, fold(key, "pixels"), [n, ...data.shape], start * size),
    accept: drawNoise("uniform", fold(key, "accept"), [n], start),
  };
}
