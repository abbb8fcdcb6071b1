import { HostArray } from "../../../base/host.ts";
import { matmul } from "../../../graph/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import type { Runtime } from "../../../runtime/index.ts";
import { type Bound, bind } from "../../bound.ts";
import type { ClosedForm, GraphFunction, Params, Sums } from "../../contract.ts";
import { logJoint, type MixtureConfig } from "./joint.ts";
import { seeded } from "./seeds.ts";

type Floats = HostArray<"float32">;

/** Rounds on some of the examples after which starts are compared (Biernacki, Celeux & Govaert 2003). */
const TRIAL_ROUNDS = 4;

/** Expectation: each example is shared out among the components as p(k | x) says; what they receive is added up. */
const expectation: GraphFunction = {
  doc: "examples shared out among the components: how many each receives, how many ones, and log p(x) of all",
  noise: {},
  inputs: () => ({}),
  apply: (params, { x }) => {
    const joint = logJoint(params, x!);
    const shares = joint.softmax(1);
    return {
      members: shares.sum(0),
      ones: matmul(shares, x!, { transposeA: true }),
      nats: joint.logSumExp(1).sum(),
    };
  },
};

/**
 * Learning of a mixture by expectation-maximisation, which never lowers the likelihood (Dempster, Laird & Rubin 1977):
 * maximisation sets shares and probabilities to what the components have received, smoothed.
 */
export function expectationMaximisation(config: MixtureConfig, size: number): ClosedForm {
  const { components, smoothing, restarts } = config;
  const zeros = () => ({
    members: new Float64Array(components),
    ones: new Float64Array(components * size),
    nats: new Float64Array(1),
  });
  const solve = ({ members, ones }: Sums): Params => {
    const total = members!.reduce((sum, n) => sum + n + smoothing, 0);
    const weights = Float32Array.from(members!, (n) => Math.log((n + smoothing) / total));
    const logOdds = Float32Array.from(ones!, (one, at) => {
      const zero = Math.max(0, members![Math.floor(at / size)]! - one);
      return Math.log((one + smoothing) / (zero + smoothing));
    });
    return {
      weights: new HostArray("float32", [components], weights),
      logOdds: new HostArray("float32", [components, size], logOdds),
    };
  };
  const learning: ClosedForm = { kind: "closed-form", tolerance: 1e-3, zeros, add, solve };
  const start = async (runtime: Runtime, x: Floats, key: Key) => {
    const flat = new HostArray("float32", [x.shape[0]!, size], x.data);
    let best: { params: Params; nats: number } | undefined;
    for (let trial = 0; trial < restarts; trial++) {
      const tried = await attempt(learning, bind(runtime, seeded(config, flat, fold(key, trial))), flat);
      if (best === undefined || tried.nats > best.nats) best = tried;
    }
    return best!.params;
  };
  return { ...learning, start };
}

async function add(sums: Sums, on: Bound, x: Floats): Promise<void> {
  const flat = new HostArray("float32", [x.shape[0]!, x.size / x.shape[0]!], x.data);
  for (const [name, { data }] of Object.entries(await on.run(expectation, { x: flat }))) {
    const sum = sums[name]!;
    for (let i = 0; i < data.length; i++) sum[i]! += data[i]!;
  }
}

/** A few rounds from a start, and the likelihood before the last. */
async function attempt({ zeros, solve }: ClosedForm, from: Bound, x: Floats) {
  let on = from;
  let nats = Number.NEGATIVE_INFINITY;
  for (let round = 0; round < TRIAL_ROUNDS; round++) {
    const sums = zeros();
    await add(sums, on, x);
    nats = sums.nats![0]!;
    on = on.with(solve(sums, x.shape[0]!));
  }
  return { params: on.params, nats };
}
