import { expect, it } from "vitest";
import { ranked, type Standing } from "./standing.ts";

it("ranks by nats, with those that have none or no number last, by name", () => {
  const one = (model: string, nats?: number) =>
    ({ model, ...(nats === undefined ? {} : { likelihood: { nats } }) }) as Standing;
  const all = [one("gan"), one("b", 90), one("diverged", Number.NaN), one("a", 90), one("c", -3)];
  expect(ranked(all).map(({ model }) => model)).toEqual(["c", "a", "b", "diverged", "gan"]);
});
