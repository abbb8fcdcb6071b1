import type { CommandSpec } from "../command.ts";
import { bayesCommand } from "./bayes/index.ts";
import { causalityCommand } from "./causality.ts";
import { classifyCommand } from "./classify.ts";
import { compareCommand } from "./compare.ts";
import { completeCommand } from "./complete.ts";
import { compressCommand } from "./compress.ts";
import { dataCommand } from "./data.ts";
import { decodeCommand } from "./decode.ts";
import { decompressCommand } from "./decompress.ts";
import { doctorCommand } from "./doctor.ts";
import { encodeCommand } from "./encode.ts";
import { evaluateCommand } from "./evaluate.ts";
import { exportCommand } from "./export.ts";
import { interpolateCommand } from "./interpolate.ts";
import { modelsCommand } from "./models.ts";
import { reportCommand } from "./report.ts";
import { runsCommand } from "./runs.ts";
import { sampleCommand } from "./sample.ts";
import { showCommand } from "./show.ts";
import { statesCommand } from "./states.ts";
import { surpriseCommand } from "./surprise.ts";
import { tourCommand } from "./tour.ts";
import { trainCommand } from "./train.ts";

/** Every command, in the order help lists them. */
export const commands: readonly CommandSpec[] = [
  tourCommand,
  doctorCommand,
  dataCommand,
  modelsCommand,
  trainCommand,
  sampleCommand,
  evaluateCommand,
  showCommand,
  compareCommand,
  encodeCommand,
  decodeCommand,
  interpolateCommand,
  completeCommand,
  classifyCommand,
  statesCommand,
  surpriseCommand,
  causalityCommand,
  compressCommand,
  decompressCommand,
  bayesCommand,
  exportCommand,
  reportCommand,
  runsCommand,
];
