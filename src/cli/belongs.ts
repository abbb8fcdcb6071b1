import { UsageError } from "../base/errors.ts";

/** An option that has a use only beside some choices. */
export interface Belonging {
  /** As it is written: `--burn-in`. */
  readonly option: string;
  /** The choices as they are written: `--method gibbs`. */
  readonly to: readonly string[];
  /** What these choices are called together, where they are many. */
  readonly called?: string;
}

const camel = (option: string) => option.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const inList = (words: readonly string[]) =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** Throws for an option that was given and that none of the choices made has a use for. */
export function refuseStrays(
  options: Readonly<Record<string, unknown>>,
  table: readonly Belonging[],
  made: readonly string[],
): void {
  for (const { option, to, called } of table) {
    if (options[camel(option)] === undefined || to.some((choice) => made.includes(choice))) continue;
    const kind = to[0]!.split(" ")[0]!;
    const rival = made.find((choice) => choice.split(" ")[0] === kind) ?? made[0]!;
    throw new UsageError(`${option} is for ${called ?? inList(to)}; ${rival} has no use for it: leave it out.`);
  }
}
