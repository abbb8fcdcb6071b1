import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Sha256 } from "./sha256.ts";

const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => (i * 31 + 7) % 256);

test.each([0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000])(
  "SHA-256 of %s bytes agrees with the platform's",
  (n) => {
    expect(new Sha256().update(bytes(n)).hex()).toBe(createHash("sha256").update(bytes(n)).digest("hex"));
  },
);

test("the digest does not depend on the pieces", () => {
  const data = bytes(300);
  for (let cut = 0; cut <= 300; cut += 7)
    expect(new Sha256().update(data.subarray(0, cut)).update(data.subarray(cut)).hex()).toBe(
      new Sha256().update(data).hex(),
    );
});
