import { HostArray, int64, scalar, zeros } from "../../base/host.ts";
import type { Tree } from "../../base/tree.ts";
import type { Tensor } from "../../graph/index.ts";
import type { Bound } from "../bound.ts";
import type { GraphFunction, Named, TracedParams } from "../contract.ts";
import { columnsOf, putColumns } from "./matrix.ts";
import { type Generator, generateWindow, type Window, windowOf } from "./window.ts";

type Floats = HostArray<"float32">;

/** What fixes how values are drawn; each combination is a function of its own. */
export interface Drawing {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
}

/** What is drawn: uniforms for every variable at its place, and what is known of the examples. */
export interface Draws {
  readonly uniforms: Floats;
  readonly values?: Floats;
  readonly observed?: Floats;
  readonly labels?: Floats;
  readonly order?: number;
}

/** Values [B, D] at their places, and the log-probability of what was observed given what came before it [B]. */
export interface Generated {
  readonly values: Floats;
  readonly observedNats: Floats;
}

/** Generates a batch of examples. */
export type Generate = ReturnType<typeof batchGenerator>;

/** Generates a batch with a model's parameters; compiled functions are kept by how values are drawn. */
export function batchGenerator(g: Generator) {
  const functions = new Map<string, GraphFunction>();
  const span = windowOf(g);
  const functionFor = ({ topK, topP }: Drawing): GraphFunction => {
    const name = `${topK}/${topP === undefined}`;
    const apply = (params: TracedParams, inputs: Named<Tensor>) =>
      generateWindow(g, params, inputs as unknown as Window<Tensor>, topK) as unknown as Named<Tensor>;
    const made = functions.get(name) ?? { doc: "", inputs: () => ({}), noise: {}, apply, fixesParams: true };
    functions.set(name, made);
    return made;
  };
  return async (
    on: Bound,
    draws: Draws,
    drawing: Drawing,
    progress?: (fraction: number) => void,
  ): Promise<Generated> => {
    const order = g.factorisation.orders[draws.order ?? 0]!;
    const batch = draws.uniforms.shape[0]!;
    const values = zeros("float32", [batch, g.size]);
    const observedNats = zeros("float32", [batch]);
    let state: Tree<HostArray> = (g.cached.rows ?? g.cached.growing ?? g.cached).state(batch);
    let previous = zeros("float32", [batch]);
    const start = g.factorisation.given ? 1 : 0;
    if (g.factorisation.given) {
      previous = givenValues(g, draws, order[0]!);
      putColumns(values, previous, order.subarray(0, 1));
    }
    for (let first = start; first < g.size; first += span) {
      const places = order.subarray(first, Math.min(g.size, first + span));
      const window: Window<HostArray> = {
        uniforms: columnsOf(draws.uniforms, places),
        values: draws.values ? columnsOf(draws.values, places) : zeros("float32", [batch, places.length]),
        observed: draws.observed ? columnsOf(draws.observed, places) : zeros("float32", [batch, places.length]),
        first: int64([first], []),
        previous,
        state,
        temperature: scalar(drawing.temperature ?? 1),
        ...(drawing.topP === undefined ? {} : { topP: scalar(drawing.topP) }),
        ...(draws.labels ? { labels: draws.labels } : {}),
        ...(g.factorisation.orders.length > 1 ? { order: int64([draws.order ?? 0], []) } : {}),
      };
      const result = (await on.run(functionFor(drawing), window as unknown as Named<HostArray>)) as unknown as {
        readonly values: Floats;
        readonly previous: Floats;
        readonly observedNats: Floats;
        readonly state?: Tree<HostArray>;
      };
      putColumns(values, result.values, places);
      result.observedNats.data.forEach((nats, i) => {
        observedNats.data[i]! += nats;
      });
      previous = result.previous;
      state = result.state ?? {};
      progress?.((first + places.length) / g.size);
    }
    return { values, observedNats };
  };
}

/** The values [batch] of the variable that is given: as observed, else the usual one, else drawn evenly. */
function givenValues({ factorisation: { levels, given }, unit, size }: Generator, draws: Draws, place: number): Floats {
  const { uniforms, values, observed } = draws;
  const usual = (i: number) => given!.value ?? Math.min(levels - 1, Math.floor(uniforms.data[i]! * levels));
  const data = new Float32Array(uniforms.shape[0]!);
  for (let b = 0; b < data.length; b++) {
    const i = b * size + place;
    data[b] = observed && observed.data[i]! > 0.5 ? (values?.data[i] ?? 0) : usual(i) * unit;
  }
  return new HostArray("float32", [data.length], data);
}
