import { HostArray } from "../../src/base/host.ts";
import { mapTree } from "../../src/base/tree.ts";
import type { ModelEntry, Params, TrainingConfig } from "../../src/models/contract.ts";
import { fold, key, normal } from "../../src/random/index.ts";

/** A configuration of a model made small, with the presets that come down to it. */
export interface SmallPreset {
  readonly presets: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  /** How each of them trains, in the order of their names. */
  readonly trainings: readonly TrainingConfig[];
}

/**
 * The presets of a model made small, those that differ in numbers alone once: every integer, given or left to its default,
 * is at most `size` (odd ones stay odd: kernels), and from the second preset on the model is two layers deep.
 */
export function smallPresets(entry: ModelEntry, size: number): SmallPreset[] {
  const small = Object.entries(entry.presets).map(([name, { model, training }], i) => {
    const config = shrunk(entry.options.parse(model) as Record<string, unknown>, size, i === 0 ? size : 2);
    return { name, config, training, same: JSON.stringify(config) };
  });
  return [...new Set(small.map(({ same }) => same))].map((each) => {
    const alike = small.filter(({ same }) => same === each);
    return {
      presets: alike.map(({ name }) => name),
      config: alike[0]!.config,
      trainings: alike.map(({ training }) => training),
    };
  });
}

/** A configuration of the same form with every size brought down to at most `size`, and depths to `depth`. */
function shrunk(config: Readonly<Record<string, unknown>>, size: number, depth: number) {
  const small = (value: number) => (value <= size ? value : size - ((value - size) % 2));
  return mapTree<unknown, unknown>(config, (value, path) => {
    if (!Number.isInteger(value)) return value;
    return /layers|blocks/i.test(path) ? Math.min(value as number, depth) : small(value as number);
  }) as unknown as Record<string, unknown>;
}

/** "preset small" or "presets mnist, paper". */
export const presetsTitle = ({ presets }: SmallPreset) =>
  `${presets.length > 1 ? "presets" : "preset"} ${presets.join(", ")}`;

/** Parameters moved by `scale` times a normal number: away from their initial values, where many conditionals are the same. */
export function shaken(params: Params, scale: number): Params {
  let leaf = 0;
  return mapTree<HostArray<"float32">, HostArray>(params, (value) => {
    const noise = normal(fold(key(7), leaf++), value.shape).data;
    return new HostArray(
      "float32",
      value.shape,
      value.data.map((x, i) => x + scale * noise[i]!),
    );
  }) as unknown as Params;
}
