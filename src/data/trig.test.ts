import { expect, test } from "vitest";
import { cosine, sine } from "./trig.ts";

test.each([
  [4 * Math.PI, 1e-15],
  [1000, 1e-13],
])("up to %s, sine and cosine agree with the platform's within %s", (limit, tolerance) => {
  let worst = 0;
  for (let i = -5000; i <= 5000; i++) {
    const angle = (i / 5000) * limit;
    worst = Math.max(worst, Math.abs(sine(angle) - Math.sin(angle)), Math.abs(cosine(angle) - Math.cos(angle)));
  }
  expect(worst).toBeLessThan(tolerance);
});
