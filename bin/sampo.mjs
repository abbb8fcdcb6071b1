#!/usr/bin/env node
// In a checkout the TypeScript sources run as they are; the package holds the built command instead.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = new URL("../src/cli/main.ts", import.meta.url);

if (existsSync(fileURLToPath(source))) {
  const { register } = await import("tsx/esm/api");
  register();
  const { main } = await import(source.href);
  await main(process.argv.slice(2));
} else {
  const { main } = await import("../dist/cli.mjs");
  await main(process.argv.slice(2));
}
