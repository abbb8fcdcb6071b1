import { SampoError } from "../base/errors.ts";
import type { DataSpec, Values } from "../data/types.ts";
import { type CapabilityName, can, capabilityNames, type ModelEntry } from "../models/contract.ts";

const kindsOfData: readonly Exclude<Values, "table" | "sequences">[] = ["binary", "bytes", "real", "tokens"];
const shapes: readonly (readonly number[])[] = [[1, 8, 8], [2]];
const text: DataSpec = { shape: [9], values: "tokens", vocabulary: 4 };
const levels = ["0", "1"];
const tables: readonly DataSpec[] = (["categorical", "ordinal", "count", "real"] as const).map((kind) => ({
  shape: [3],
  values: "table",
  columns: [
    { name: "a", kind, ...(kind === "categorical" || kind === "ordinal" ? { levels } : {}) },
    { name: "b", kind, ...(kind === "categorical" || kind === "ordinal" ? { levels } : {}) },
    { name: "class", kind: "categorical", levels },
  ],
  target: 2,
  classes: levels,
}));

/** What a model can do, asked of those made with its first preset for each kind of data it takes. */
export function capabilitiesOf(entry: ModelEntry): CapabilityName[] {
  const preset = Object.values(entry.presets)[0];
  const rows = [...tables, ...tables.map(({ target: _, classes: __, ...plain }) => plain)];
  const others = shapes.flatMap((shape) =>
    kindsOfData.map((values) => (values === "tokens" ? text : { shape, values, classes: levels })),
  );
  const inRows = (["categorical", "real"] as const).map(
    (kind): DataSpec => ({
      shape: [4, 1],
      values: "sequences",
      columns: [{ name: "a", kind, ...(kind === "categorical" ? { levels } : {}) }],
    }),
  );
  const specs: readonly DataSpec[] = [
    ...(entry.sequences ? inRows : []),
    ...(entry.tables ? rows : []),
    ...(entry.tables === true ? [] : others),
  ];
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
