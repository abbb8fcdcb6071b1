import { expect, it } from "vitest";
import { curvePlot } from "./curve-plot.ts";

it("draws curves over a logarithmic axis, the first over the second, with their range", () => {
  const text = curvePlot(
    [1, 10, 100],
    [
      { mark: "A", values: [4, 2, 0] },
      { mark: "B", values: [0, 2, 4] },
    ],
    { width: 5, height: 5 },
  );
  expect(text.split("\n")).toEqual([
    "4.00 │A   B",
    "     │ · ·",
    "     │  A",
    "     │ · ·",
    "0.00 │B   A",
    "     └─────",
    "      1 100",
  ]);
});

it("draws a level line", () => {
  expect(curvePlot([10, 20], [{ mark: "A", values: [1, 1] }], { width: 4, height: 2 })).toContain("A··A");
});
