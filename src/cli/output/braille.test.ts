import { expect, it } from "vitest";
import { braille, brailleRow } from "./braille.ts";

it("sets the dots of two by four pixels in one letter", () => {
  expect(braille(4, 2, (row, column) => row === 0 && column === 0)).toBe("⠁");
  expect(braille(4, 2, (row, column) => row === 3 && column === 1)).toBe("⢀");
  expect(braille(4, 2, () => true)).toBe("⣿");
  expect(braille(5, 3, () => true)).toBe("⣿⡇\n⠉⠁");
});

it("puts images side by side with a gap, bright where the mean of their channels is", () => {
  const [white, black] = [new Array(8).fill(1), new Array(8).fill(0)] as [number[], number[]];
  expect(brailleRow([...white, ...black, ...white], [3, 1, 4, 2])).toBe("⣿⠀⠀⠀⣿");
  expect(brailleRow([...white, ...white, ...black], [1, 3, 4, 2])).toBe("⣿");
  expect(brailleRow([...white, ...black, ...black], [1, 3, 4, 2])).toBe("⠀");
});
