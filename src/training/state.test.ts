import { describe, expect, it } from "vitest";
import { tinyDataset, tinyTraining } from "../../tests/support/tiny.ts";
import { decodeSafetensors, encodeSafetensors } from "../base/codec/safetensors.ts";
import { DataError } from "../base/errors.ts";
import type { HostArray } from "../base/host.ts";
import { leaves, namedLeaves } from "../base/tree.ts";
import { vae } from "../models/vae/vae.ts";
import { initialState } from "./machinery.ts";
import {
  decodeParams,
  decodeState,
  encodeParams,
  encodeState,
  evaluationParams,
  snapshot,
  type TrainState,
} from "./state.ts";

const { spec } = tinyDataset();
const model = vae({ latent: 2, hidden: [3] }, spec);
const config = { ...tinyTraining, ema: 0.9 };
const state: TrainState = {
  ...initialState(model, config, 2 ** 40 + 5),
  step: 17,
  cursor: { epoch: 3, position: 8 },
  best: { step: 12, value: 0.1 + 0.2 },
  plateau: { scale: 0.5, best: null, bad: 1, rest: 0 },
  stale: 2,
  seconds: 1 / 3,
};
const { params, ema, optimizer } = state;
const like = { params, ema: ema!, optimizer };
const bytes = encodeState(state, "vae");
const reading =
  (file: Uint8Array, name = "vae") =>
  () =>
    decodeState(file, like, name, "run/last.safetensors");

/** The same file with other metadata, or with its tensors changed. */
function rewritten(change: { state?: string; drop?: string; rename?: [string, string] }): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const entries = [...tensors]
    .filter(([name]) => name !== change.drop)
    .map(([name, value]) => [change.rename?.[0] === name ? change.rename[1] : name, value]);
  return encodeSafetensors(Object.fromEntries(entries), {
    ...metadata,
    ...(change.state === undefined ? {} : { state: change.state }),
  });
}

describe("a stored state", () => {
  it("comes back with every bit: tensors by name, cursor, key, best and plateau", () => {
    expect(decodeState(bytes, like, "vae", "file")).toEqual(state);
    const names = [...decodeSafetensors(bytes).tensors.keys()];
    expect(names).toContain("params/decoder/0/weight");
    expect(names).toContain("ema/encoder/1/bias");
    expect(names).toContain("optimizer/elbo/mean/encoder/0/weight");
    expect(names.length).toBe(4 * leaves(params).length);
  });

  it("of a run that has not validated yet comes back without what it does not know", () => {
    const fresh = initialState(model, tinyTraining, 0);
    const back = decodeState(
      encodeState(fresh, "vae"),
      { params: fresh.params, optimizer: fresh.optimizer },
      "vae",
      "file",
    );
    expect(back).toEqual(fresh);
    expect("best" in back || "plateau" in back || "ema" in back).toBe(false);
  });

  it("is refused in one sentence that names the file when it is another model's, damaged, or incomplete", () => {
    const cases: [() => unknown, RegExp][] = [
      [reading(bytes, "gpt"), /is a checkpoint of the model "vae", not of "gpt"/],
      [reading(bytes.slice(0, bytes.length - 4)), /run\/last.safetensors/],
      [reading(bytes.slice(0, 5)), /truncated/],
      [reading(new Uint8Array(0)), /truncated/],
      [reading(rewritten({ state: "{" })), /damaged training state/],
      [reading(rewritten({ state: "null" })), /damaged training state/],
      [
        reading(
          rewritten({
            state: JSON.stringify({ step: 1, key: { hi: 0, lo: 0 }, cursor: { epoch: 0 }, stale: 0, seconds: 0 }),
          }),
        ),
        /damaged training state.*cursor\/position/,
      ],
      [
        reading(
          rewritten({
            state: JSON.stringify({
              step: -1,
              key: { hi: 0, lo: 0 },
              cursor: { epoch: 0, position: 0 },
              stale: 0,
              seconds: 0,
            }),
          }),
        ),
        /damaged training state.*step/,
      ],
      [reading(rewritten({ drop: "ema/decoder/0/bias" })), /has no tensor "ema\/decoder\/0\/bias"/],
      [
        reading(rewritten({ rename: ["params/decoder/0/bias", "params/decoder/0/bios"] })),
        /has no tensor "params\/decoder\/0\/bias"/,
      ],
      [reading(encodeParams(params, "vae")), /parameters only|has no tensor/],
      [
        () => decodeState(bytes, { params, optimizer }, "vae", "file"),
        /has the tensor "ema\/.*which the model does not know/,
      ],
      [() => decodeParams(bytes, params, "vae", "file"), /which the model does not know/],
    ];
    for (const [run, message] of cases) {
      expect(run).toThrow(DataError);
      expect(run).toThrow(message);
      try {
        run();
      } catch (error) {
        expect((error as Error).message).not.toMatch(/\n/);
      }
    }
  });

  it("is refused where a tensor has another shape", () => {
    const wider = vae({ latent: 2, hidden: [4] }, spec).init({ hi: 0, lo: 0 });
    expect(() => decodeParams(encodeParams(wider, "vae"), params, "vae", "best.safetensors")).toThrow(
      /Tensor "encoder\/.*" of best.safetensors is float32\[.*where float32\[.*is expected/,
    );
  });
});

describe("parameters", () => {
  it("to evaluate are the average where there is one", () => {
    expect(evaluationParams(state)).toBe(ema);
    expect(evaluationParams({ params, optimizer })).toBe(params);
  });

  it("are copied by a snapshot", () => {
    const copy = snapshot(params);
    expect(copy).toEqual(params);
    const own = new Set(leaves<HostArray>(params).map(({ data }) => data.buffer));
    for (const { leaf } of namedLeaves<HostArray>(copy)) expect(own.has(leaf.data.buffer)).toBe(false);
  });
});
