import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embedded } from "../../src/data/embedded.ts";
import { registry } from "../../src/models/registry.ts";
import type { Runtime } from "../../src/runtime/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import { floors } from "../support/floors.ts";
import { thinned } from "../support/thinned.ts";
import { allEvents, ofType } from "../support/tiny.ts";

/* What a short run of every model's first preset must reach. */

let native: Runtime;
beforeAll(async () => {
  native = await nativeRuntime({ threads: 1 });
});
afterAll(() => native.dispose());

describe.each(registry.filter((entry) => entry.kind !== "none").map((entry) => [entry.name, entry] as const))(
  "the quality of %s",
  (name, entry) => {
    it("is that of its floor after a short run", async () => {
      const floor = floors[name];
      expect(floor, `state a floor for ${name}`).toBeDefined();
      const data = floor!.data ?? (entry.tables === true ? "table" : "digits-binary");
      const given = embedded(data, { counts: { train: 4000, valid: 500, test: 1 } });
      const dataset = floor!.every === undefined ? given : thinned(given, floor!.every);
      const { model, training } = Object.values(entry.presets)[0]!;
      const config = { ...training, steps: floor!.steps, validateEvery: floor!.steps };
      const events = await allEvents(entry.make(model, dataset.spec), { dataset, encoding: {} }, config, {
        seed: 0,
        runtime: native,
      });
      const { loss } = ofType(events, "validation").at(-1)!.metrics;
      expect(loss).toBeLessThan(floor!.loss);
    });
  },
);
