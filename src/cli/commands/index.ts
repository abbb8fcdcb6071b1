import type { CommandSpec } from "../command.ts";
import { evaluateCommand } from "./evaluate.ts";
import { exportCommand } from "./export.ts";
import { sampleCommand } from "./sample.ts";
import { trainCommand } from "./train.ts";

/** Every command, in the order help lists them. */
export const commands: readonly CommandSpec[] = [trainCommand, sampleCommand, evaluateCommand, exportCommand];
