import { jit } from "../../runtime/index.ts";
import type { DataStart, GradientLearning, Params } from "../contract.ts";
import type { Factorisation } from "./factorisation.ts";

/** The start from data of a factorisation that has one, ready to run. */
export function dataStart({ start }: Factorisation): Pick<GradientLearning, "start"> {
  if (!start) return {};
  const fit: DataStart["fit"] = async (runtime, params, given) => {
    const fitted = jit(start.fit as never, runtime);
    try {
      return (await (fitted as unknown as (...args: unknown[]) => Promise<Params>)(params, given)) as Params;
    } finally {
      await fitted.dispose();
    }
  };
  return { start: { examples: start.examples, fit } };
}
