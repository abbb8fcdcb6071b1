import type { CommandSpec } from "../../command.ts";
import { doCommand } from "./do.ts";
import { drawCommand } from "./draw.ts";
import { dsepCommand } from "./dsep.ts";
import { mapCommand, mpeCommand } from "./explanations.ts";
import { learnCommand } from "./learn.ts";
import { queryCommand } from "./query.ts";
import { sampleCommand } from "./sample.ts";
import { showCommand } from "./show.ts";

/** `sampo bayes`: one line for each subcommand. */
export const bayesCommand: CommandSpec = {
  name: "bayes",
  summary:
    "Ask a Bayesian network: probabilities, explanations, independence, interventions; sample it, learn it from rows.",
  examples: ["bayes show asia.bif", "bayes query asia.bif --target lung --given smoke=yes --json"],
  subcommands: [
    showCommand,
    queryCommand,
    mpeCommand,
    mapCommand,
    dsepCommand,
    doCommand,
    sampleCommand,
    learnCommand,
    drawCommand,
  ],
};
