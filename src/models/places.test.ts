import { expect, it } from "vitest";
import { spreadPlaces } from "./places.ts";

it("places are spread over an image, in its last channel, and none comes twice", () => {
  expect(spreadPlaces([1, 11, 11])).toEqual([2, 5, 8].flatMap((row) => [2, 5, 8].map((column) => 11 * row + column)));
  expect(spreadPlaces([3, 6, 6]).every((place) => place >= 72 && place < 108)).toBe(true);
  expect(spreadPlaces([1, 1, 1])).toEqual([0]);
  expect(spreadPlaces([101])).toEqual([20, 50, 80]);
});
