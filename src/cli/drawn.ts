import { UsageError } from "../base/errors.ts";
import type { Numbers } from "../models/contract.ts";
import { key } from "../random/index.ts";
import type { Reporter } from "./output/index.ts";
import { capable, type InUse } from "./trained.ts";

/** What is asked of a draw and means nothing for rows. */
const foreign = ["mean", "labels", "topK", "topP"];

/** Refuses options of `sample` that mean nothing for rows; `what` says what is drawn. */
export function checkDraw({ trained }: InUse, options: Readonly<Record<string, unknown>>, what: string): void {
  const given = foreign.find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`This ${trained.model.name} draws ${what}: leave --${given} out.`);
}

/** Draws so many examples of a model of tables by the command line's seed and temperature. */
export async function drawn(
  { trained, on }: InUse,
  { seed, temperature, ...options }: Readonly<Record<string, unknown>>,
  out: Reporter,
  usual: number,
): Promise<{ readonly x: Numbers; readonly count: number; readonly about: Readonly<Record<string, unknown>> }> {
  const count = (options.count as number | undefined) ?? usual;
  const x = await capable(trained.model, "sample").sample(on, {
    count,
    key: key(seed as number),
    temperature: temperature as number,
    progress: (fraction) => out.progress({ label: "sample", fraction }),
  });
  return { x, count, about: { run: trained.run.folder, count, seed } };
}
