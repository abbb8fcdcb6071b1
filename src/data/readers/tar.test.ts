import { describe, expect, test } from "vitest";
import { toleratesDamage } from "../../../tests/support/fuzz.ts";
import { readTar } from "./tar.ts";

/** A ustar member written after the POSIX layout: name, size and checksum in octal, contents padded to 512 bytes. */
function member(name: string, content: string, kind = "0"): Uint8Array {
  const bytes = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  const put = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  put(0, name);
  put(124, content.length.toString(8).padStart(11, "0"));
  put(156, kind);
  put(257, "ustar");
  put(148, "        ");
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  put(512, content);
  return bytes;
}
const archive = Uint8Array.of(
  ...member("d/", "", "5"),
  ...member("d/a.txt", "hello"),
  ...member("d/b.txt", ""),
  ...new Uint8Array(1024),
);

describe("tar", () => {
  test("gives plain files, whatever folder they lie in", () => {
    const files = readTar(archive);
    expect([...files.keys()]).toEqual(["a.txt", "b.txt"]);
    expect(new TextDecoder().decode(files.get("a.txt"))).toBe("hello");
  });

  test("damage is named", () => {
    const flipped = archive.slice();
    flipped[600]! ^= 1;
    expect(() => readTar(flipped)).toThrow(/header at byte 512 has a wrong checksum/);
    expect(() => readTar(archive.subarray(0, 1026))).toThrow(/truncated within the file at byte 512/);
    expect(() => readTar(new Uint8Array(1024))).toThrow(/no file/);
  });

  test("damaged archives raise DataError and nothing else", () => {
    toleratesDamage(archive, (bytes) => readTar(bytes), 300);
  });
});
