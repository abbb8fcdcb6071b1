/** What a stream of features passes through, in order. Residual blocks on the way up read what the way down left. */
export interface Stage {
  readonly kind: "block" | "shrink" | "grow";
  readonly rising: boolean;
  /** How often the image has been halved after it. */
  readonly level: number;
}

/** The U-shaped sequence: blocks and halvings down, as many blocks and one for each halving up. */
export function stagesOf(levels: number, blocks: number): Stage[] {
  const repeat = (count: number, stage: Stage) => Array.from({ length: count }, () => stage);
  const numbers = Array.from({ length: levels }, (_, level) => level);
  const down = numbers.flatMap((level): Stage[] => [
    ...(level > 0 ? [{ kind: "shrink", rising: false, level } as const] : []),
    ...repeat(blocks, { kind: "block", rising: false, level }),
  ]);
  const up = numbers
    .reverse()
    .flatMap((level): Stage[] => [
      ...(level < levels - 1 ? [{ kind: "grow", rising: true, level } as const] : []),
      ...repeat(level < levels - 1 ? blocks + 1 : blocks, { kind: "block", rising: true, level }),
    ]);
  return [...down, ...up];
}

/** Takes features through all stages; gives those after each. `skip` is what the way down left for this block. */
export function pass<T>(
  stages: readonly Stage[],
  first: T,
  apply: (stage: Stage, index: number, value: T, skip: T | undefined) => T,
): T[] {
  const left = [first];
  const each: T[] = [];
  let value = first;
  stages.forEach((stage, index) => {
    if (stage.rising && !stages[index - 1]?.rising) left.pop();
    const skip = stage.rising && stage.kind === "block" ? left.pop() : undefined;
    value = apply(stage, index, value, skip);
    if (!stage.rising) left.push(value);
    each.push(value);
  });
  return each;
}
