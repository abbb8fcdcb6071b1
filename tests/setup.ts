import { afterEach, beforeEach, expect, vi } from "vitest";

/** Console output in a test is a failure: the library never prints, and a test that needs output captures it. */
const methods = ["log", "info", "warn", "error", "debug"] as const;

beforeEach(() => {
  for (const method of methods) vi.spyOn(console, method);
});

afterEach(() => {
  for (const method of methods) expect(console[method], `console.${method} was called`).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
