import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { fillUniform, fold, type Key } from "../../random/index.ts";

/** The least and the greatest value of each factor; a factor is drawn uniformly between them. */
export type Ranges<Name extends string> = Readonly<Record<Name, readonly [least: number, greatest: number]>>;

/** The default ranges with some replaced; throws on a factor that does not exist or a range upside down. */
export function withRanges<Name extends string>(
  defaults: Ranges<Name>,
  chosen: Partial<Ranges<Name>> = {},
): Ranges<Name> {
  for (const [name, range] of Object.entries(chosen) as [Name, readonly [number, number]][]) {
    if (!(name in defaults)) throw new UsageError(unknownName("factor", name, Object.keys(defaults)));
    if (!(range[0] <= range[1]))
      throw new UsageError(`The range of factor ${name} must rise; got ${range[0]} to ${range[1]}.`);
  }
  return { ...defaults, ...chosen };
}

/** The factors of one example, a function of the key and the example's number alone. */
export function drawFactors<Name extends string>(k: Key, example: number, ranges: Ranges<Name>): Record<Name, number> {
  const names = Object.keys(ranges) as Name[];
  const u = new Float32Array(names.length);
  fillUniform(fold(k, example), u);
  const value = (name: Name, i: number) => ranges[name][0] + (ranges[name][1] - ranges[name][0]) * u[i]!;
  return Object.fromEntries(names.map((name, i) => [name, value(name, i)])) as Record<Name, number>;
}
