import { describe, expect, it } from "vitest";
import { UsageError } from "../base/errors.ts";
import { roomFor } from "./held.ts";

describe("room for all examples", () => {
  it("is given up to 4 GiB", () => expect(roomFor("pca", 7, 3)).toHaveLength(21));

  it("is refused beyond, in one sentence", () => {
    expect(() => roomFor("ica", 2 ** 28, 3)).toThrow(UsageError);
    expect(() => roomFor("ica", 2 ** 28, 3)).toThrow(
      "ica keeps all examples in memory, and 268435456 of 3 numbers are too many: train on fewer (of a table by --random-rows).",
    );
  });
});
