import { full, type HostArray } from "../../base/host.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import { activations } from "../../nn/index.ts";
import type { TracedParams } from "../contract.ts";
import type { Cached, StepGiven } from "./factorisation.ts";
import { type MaskSet, unitsByDegree } from "./made-masks.ts";
import { named } from "./made-network.ts";
import type { MadeConfig } from "./made-options.ts";
import { orderTables } from "./positions.ts";

/** Inputs of the units of each hidden layer, and log-odds, as far as what is drawn reaches. */
type Sums = { readonly hidden: readonly Tensor[]; readonly logits: Tensor };

/**
 * Each unit is computed once: a unit of degree m is settled when m variables are known, and then adds its row of weights
 * to the layer above. Nothing is masked: what reaches a unit or a variable later than it is read does no harm.
 */
export function cached(config: MadeConfig, sets: readonly MaskSet[]): Cached {
  const act = activations[config.activation];
  const size = sets[0]!.order.length;
  const tables = config.hidden.map((_, l) => unitsByDegree(sets, l));
  const orders = orderTables(sets.map(({ order }) => order));
  const step = (params: TracedParams, sums: Sums, { position, previous, order }: StepGiven) => {
    const { hidden, output, direct } = named(params);
    const at = (table: HostArray, k: Tensor) => inSet(constant(table), order).gather(k, 0);
    const { places } = orders.at(order);
    const known = places.gather(position.sub(1).maximum(0), 0);
    const addRow = (sum: Tensor, weight: Tensor) => sum.add(previous.expandDims(1).mul(weight.gather(known, 0)));
    const inputs: Tensor[] = [addRow(sums.hidden[0]!, hidden[0]!.weight)];
    let logits = direct ? addRow(sums.logits, direct.weight) : sums.logits;
    tables.forEach(({ numbers, present }, l) => {
      const units = at(numbers, position);
      const settled = inputs[l]!.gather(units, 1).add(hidden[l]!.bias.gather(units, 0));
      const values = act(settled).mul(at(present, position));
      const { weight } = hidden[l + 1] ?? output;
      const onward = values.matmul(weight.gather(units, 0));
      if (l + 1 < hidden.length) inputs.push(sums.hidden[l + 1]!.add(onward));
      else logits = logits.add(onward);
    });
    const here = places.gather(position, 0);
    return { logits: logits.gather(here, 1).add(output.bias.gather(here, 0)), state: { hidden: inputs, logits } };
  };
  return {
    state: (batch) => ({
      hidden: config.hidden.map((units) => full("float32", [batch, units], 0)),
      logits: full("float32", [batch, size], 0),
    }),
    step: (params, state, given) => step(params, state as unknown as Sums, given) as never,
  };
}

/** The table of the set in use; of the only one where there is no choice. */
const inSet = (tables: Tensor, set: Tensor | undefined) =>
  set ? tables.gather(set, 0) : tables.slice(0, 0, 1).squeeze(0);
