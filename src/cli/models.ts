import { SampoError } from "../base/errors.ts";
import type { DataSpec, Values } from "../data/types.ts";
import { type CapabilityName, can, capabilityNames, type ModelEntry } from "../models/contract.ts";

const kindsOfData: readonly Values[] = ["binary", "bytes", "real", "tokens"];
const shapes: readonly (readonly number[])[] = [[1, 8, 8], [2]];
const text: DataSpec = { shape: [9], values: "tokens", vocabulary: 4 };

/** What a model can do, asked of those made with its first preset for each kind of data it takes. */
export function capabilitiesOf(entry: ModelEntry): CapabilityName[] {
  const preset = Object.values(entry.presets)[0];
  const specs: DataSpec[] = shapes.flatMap((shape) =>
    kindsOfData.map((values) => (values === "tokens" ? text : { shape, values, classes: ["0", "1"] })),
  );
  const able = new Set<CapabilityName>();
  for (const spec of specs) {
    try {
      const model = entry.make(entry.options.parse(preset?.model ?? {}), spec);
      for (const name of capabilityNames) if (can(model, name)) able.add(name);
    } catch (error) {
      if (!(error instanceof SampoError)) throw error;
    }
  }
  return capabilityNames.filter((name) => able.has(name));
}
