import { describe, expect, it } from "vitest";
import { UsageError } from "../base/errors.ts";
import { modelEntry } from "../models/registry.ts";
import { usedConfig } from "./settings.ts";

describe("the configuration of a trained model", () => {
  const entry = modelEntry("eonade");
  const trained = entry.options.parse({ hidden: [7], ensemble: 2 });

  it("changes where an option shapes no parameter", () => {
    expect(usedConfig(entry, trained, ["ensemble=128"])).toEqual({ ...trained, ensemble: 128 });
  });

  it("is otherwise what it was trained with", () => {
    expect(() => usedConfig(entry, trained, ["hidden=3"])).toThrow(
      new UsageError(
        "--set hidden: a trained eonade is what it was trained as; only ensemble and orderSeed can change now.",
      ),
    );
    expect(() => usedConfig(modelEntry("nade"), {}, ["hidden=3"])).toThrow(/none of its options can change/);
    expect(() => usedConfig(entry, trained, ["ensemble=0"])).toThrow(UsageError);
  });
});
