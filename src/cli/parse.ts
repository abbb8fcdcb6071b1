import { InvalidArgumentError } from "commander";

/** Parses a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
    return value;
  };
}

/** Parses a number of at least `least`. */
export function realNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || value < least)
      throw new InvalidArgumentError(`expected a number of at least ${least}.`);
    return value;
  };
}

const unitSeconds: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, min: 60, h: 3600 };

/** Parses a duration such as `90`, `45s`, `30m`, `1.5h` or `1h30m` into seconds. */
export function duration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(min|h|m|s|)/gy)];
  const length = parts.reduce((sum, part) => sum + part[0].length, 0);
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitSeconds[unit!]!, 0);
  if (parts.length === 0 || length !== text.trim().length || seconds <= 0)
    throw new InvalidArgumentError("expected a duration such as 90s, 30m or 1h30m.");
  return seconds;
}

/** Parses a comma-separated list of words. */
export function words(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

/** Parses a comma-separated list of whole numbers from 0 on, with ranges: `0,3,5-7`. */
export function numberList(text: string): number[] {
  return words(text).flatMap((word) => {
    const [, from, to] = word.match(/^(\d+)(?:-(\d+))?$/) ?? [];
    if (from === undefined || (to !== undefined && Number(to) < Number(from)))
      throw new InvalidArgumentError("expected numbers such as 0,3,5-7.");
    return Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, i) => Number(from) + i);
  });
}
