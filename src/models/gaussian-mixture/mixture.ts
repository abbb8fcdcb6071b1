import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { DataSpec } from "../../data/types.ts";
import { fold, type Key, normal, uniform } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type {
  Capabilities,
  GenerativeModel,
  ModelEntry,
  Numbers,
  Params,
  Preset,
  TrainingConfig,
} from "../contract.ts";
import { withGaps } from "../tables.ts";
import { array, componentsOf, type MixtureParams, mixtureParams } from "./components.ts";
import { fitMixture } from "./fit.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { categoricalMixtureOptions, gaussianMixtureOptions, type MixtureConfig } from "./options.ts";
import { logJoint, realsOf, share } from "./statistics.ts";

/** A mixture with what it can do; classify where the target has classes. */
export type MixtureModel = GenerativeModel<"sample" | "logProb" | "complete" | "encode"> &
  Partial<Pick<Capabilities, "classify">>;

/**
 * Mixture of normals: p(x) = Σₖ wₖ N(x; μₖ, Σₖ), by expectation-maximisation or variational Bayes, of real columns,
 * vectors and images; categorical columns beside them follow the component by themselves. Its code is p(k | x).
 */
export function gaussianMixture(options: Readonly<Record<string, unknown>>, data: DataSpec): MixtureModel {
  const config = gaussianMixtureOptions.parse(options);
  return mixtureOf("gaussian-mixture", config, config, layoutOf("gaussian-mixture", data, { counts: false }), data);
}

/**
 * Latent classes: p(x) = Σₖ wₖ ∏ᵢ p(xᵢ | k), each column by itself given the class: levels by their shares, counts as
 * Poisson, real numbers as normals.
 */
export function categoricalMixture(options: Readonly<Record<string, unknown>>, data: DataSpec): MixtureModel {
  const config = categoricalMixtureOptions.parse(options);
  const fixed = { covariance: "diagonal", inference: "em", prior: "dirichlet" } as const;
  const layout = layoutOf("categorical-mixture", data, { counts: true });
  return mixtureOf("categorical-mixture", config, { ...config, ...fixed }, layout, data);
}

function mixtureOf(
  name: string,
  config: Readonly<Record<string, unknown>>,
  full: MixtureConfig,
  layout: Layout,
  data: DataSpec,
): MixtureModel {
  const { width, space } = layout;
  const fitting = { name, layout, config: full };
  const opened = (x: Numbers) => (space ? space.open(x) : Float64Array.from(x.data));
  const closed = (rows: Float64Array, drawn: boolean): Numbers =>
    space ? space.close(rows, drawn) : array([rows.length / width, width], rows);
  const components = (on: Bound) => componentsOf(name, layout, full.covariance, on.params);

  /** The shares of the components [n, K], and log p(x) of what is known of each example. */
  const responsibilities = (on: Bound, rows: Float64Array) => {
    const all = components(on);
    const [count, K] = [rows.length / width, all.length];
    const shares = new Float64Array(count * K);
    const nats = new Float64Array(count);
    const x = new Float64Array(layout.reals.length);
    for (let n = 0; n < count; n++) {
      const own = shares.subarray(n * K, (n + 1) * K);
      realsOf(layout, rows, n * width, x);
      logJoint(all, x, rows, n * width, own);
      nats[n] = share(own);
      if (space?.logStep) nats[n]! -= space.logStep * x.filter((value) => !Number.isNaN(value)).length;
    }
    return { shares, nats, all, K };
  };

  const filled = (on: Bound, rows: Float64Array, key: Key): Float64Array => {
    const { shares, all, K } = responsibilities(on, rows);
    const count = rows.length / width;
    const D = layout.reals.length;
    const u = uniform(fold(key, "uniform"), [count, width + 1]).data;
    const z = normal(fold(key, "normal"), [count, Math.max(1, D)]).data;
    const x = new Float64Array(D);
    for (let n = 0; n < count; n++) {
      const k = chosen(shares.subarray(n * K, (n + 1) * K), u[n * (width + 1) + width]!);
      const { real, discrete } = all[k]!;
      const at = n * width;
      if (real) {
        realsOf(layout, rows, at, x);
        real.fill(x, z.subarray(n * D, (n + 1) * D));
        layout.reals.forEach((place, i) => {
          rows[at + place] = x[i]!;
        });
      }
      for (const { place, family } of discrete)
        if (Number.isNaN(rows[at + place]!)) rows[at + place] = family.draw(u[n * (width + 1) + place]!, 0);
    }
    return rows;
  };

  const model: MixtureModel = {
    name,
    config,
    data,
    ...(space?.encoding ? { encoding: space.encoding } : {}),
    conditional: false,
    init: (key) => randomMixture(key, layout, full, data.values === "table"),
    learning: { kind: "direct", fit: (given) => fitMixture(fitting, given) },
    functions: {},
    sample: async (on, { count, key, temperature = 1 }) => {
      if (temperature !== 1)
        throw new UsageError(`${name} draws from its distribution as it is: leave the temperature at 1.`);
      return closed(filled(on, new Float64Array(count * width).fill(Number.NaN), key), true);
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional: a component given what is known, then what is missing given both");
      const rows = withGaps(x, observed).data;
      const drawn = closed(filled(on, rows, key), true);
      for (let i = 0; i < drawn.size; i++)
        if (observed.data[i]! > 0.5 && !Number.isNaN(x.data[i]!)) drawn.data[i] = x.data[i]!;
      return drawn;
    },
    logProb: async (on, x) => ({
      kind: "exact",
      via: space?.logStep
        ? "log of the sum over components, the density of dequantised bytes in steps of one byte"
        : "log of the sum over components",
      nats: responsibilities(on, opened(x)).nats,
    }),
    encode: async (on, x) => {
      const { shares, K } = responsibilities(on, opened(x));
      if (!space || data.values === "table") return array([x.shape[0]!, K], shares);
      return new HostArray("float32", [x.shape[0]!, K], Float32Array.from(shares));
    },
  };
  const place = data.values === "table" ? data.target : undefined;
  const target = layout.levels.findIndex((one) => one.place === place);
  if (target < 0) return model;
  return { ...model, classify: async (on, x) => classified(on, opened(x), x.shape[0]!) };

  function classified(on: Bound, rows: Float64Array, count: number): HostArray<"float64"> {
    const { size } = layout.levels[target]!;
    const all = components(on);
    const logs = mixtureParams(on.params).levels![target]!.data.map(Math.log);
    const [scores, each] = [new Float64Array(all.length), new Float64Array(all.length)];
    const x = new Float64Array(layout.reals.length);
    const data = new Float64Array(count * size);
    for (let n = 0; n < count; n++) {
      rows[n * width + place!] = Number.NaN;
      realsOf(layout, rows, n * width, x);
      logJoint(all, x, rows, n * width, scores);
      const sum = logSumExp(scores);
      for (let y = 0; y < size; y++) {
        for (let k = 0; k < each.length; k++) each[k] = scores[k]! - sum + logs[k * size + y]!;
        data[n * size + y] = logSumExp(each);
      }
    }
    return array([count, size], data);
  }
}

/** The first k at which the sum of shares exceeds u. */
function chosen(shares: Float64Array, u: number): number {
  let sum = 0;
  for (let k = 0; k < shares.length - 1; k++) {
    sum += shares[k]!;
    if (u < sum) return k;
  }
  return shares.length - 1;
}

/** Components of unit variances around random points, before any fit. */
function randomMixture(key: Key, layout: Layout, { components: K, covariance }: MixtureConfig, wide: boolean): Params {
  const [D, C] = [layout.reals.length, layout.counts.length];
  const shape = { full: [K, D, D], tied: [D, D], diagonal: [K, D], spherical: [K] }[covariance];
  const ones = new Float64Array(shape.reduce((a, b) => a * b, 1));
  const matrix = covariance === "full" || covariance === "tied";
  ones.forEach((_, at) => {
    ones[at] = matrix ? Number((at % (D * D)) % (D + 1) === 0) : 1;
  });
  const params: MixtureParams = {
    weights: array([K], new Float64Array(K).fill(1 / K)),
    ...(D > 0
      ? { means: array([K, D], Float64Array.from(normal(key, [K * D]).data)), covariances: array(shape, ones) }
      : {}),
    ...(layout.levels.length > 0
      ? { levels: layout.levels.map(({ size }) => array([K, size], new Float64Array(K * size).fill(1 / size))) }
      : {}),
    ...(C > 0 ? { rates: array([K, C], new Float64Array(K * C).fill(1)) } : {}),
  };
  if (wide) return params as unknown as Params;
  const { weights, means, covariances } = params;
  const narrow = (a: HostArray<"float64">) => new HostArray("float32", a.shape, Float32Array.from(a.data));
  return { weights: narrow(weights), means: narrow(means!), covariances: narrow(covariances!) };
}

const rounds: TrainingConfig = { batchSize: 4096, validateEvery: 10 };
const preset = (title: string, model: Preset["model"]): Preset => ({ title, model, training: rounds });

/** The registry's entry of the mixture of normals. */
export const gaussianMixtureEntry: ModelEntry = {
  name: "gaussian-mixture",
  family: "tables",
  title: "Mixture of normals",
  paper: "Dempster, Laird & Rubin 1977 (EM); Attias 2000 and Blei & Jordan 2006 (variational Bayes)",
  kind: "exact",
  tables: "also",
  options: gaussianMixtureOptions,
  presets: {
    small: preset("3 components with full covariances", {}),
    diagonal: preset("10 components of independent numbers, for images", {
      components: 10,
      covariance: "diagonal",
      starts: 1,
    }),
    selected: preset("up to 10 components, chosen by BIC", { components: 10, select: "bic" }),
    variational: preset("up to 10 components under a Dirichlet process", { components: 10, inference: "variational" }),
  },
  make: gaussianMixture,
};

/** The registry's entry of latent classes. */
export const categoricalMixtureEntry: ModelEntry = {
  name: "categorical-mixture",
  family: "tables",
  title: "Latent classes",
  paper: "Lazarsfeld & Henry 1968; EM by Goodman 1974",
  kind: "exact",
  tables: true,
  options: categoricalMixtureOptions,
  presets: {
    small: preset("3 classes", {}),
    selected: preset("up to 10 classes, chosen by BIC", { components: 10, select: "bic" }),
  },
  make: categoricalMixture,
};
