import { kindOf } from "../../artifacts/files.node.ts";
import { isHeld } from "../../artifacts/lock.node.ts";
import { type ListedRun, listRuns, runPaths } from "../../artifacts/run.node.ts";
import { UsageError } from "../../base/errors.ts";
import type { CommandSpec, Invocation, Result } from "../command.ts";
import { formatDuration, formatFigure, table } from "../output/index.ts";

/** `sampo runs`. */
export const runsCommand: CommandSpec = {
  name: "runs",
  summary: "The runs below a folder: model, data, how far, how good.",
  arguments: [["[folder]", "where to look (runs)"]],
  examples: ["runs", "runs experiments --json"],
  run: runs,
};

async function runs({ args, out }: Invocation): Promise<Result> {
  const folder = args[0] ?? "runs";
  const kind = kindOf(folder);
  if (kind !== "folder" && (args[0] !== undefined || kind !== "nothing"))
    throw new UsageError(
      kind === "nothing" ? `There is no folder ${folder}; check the path.` : `${folder} is no folder.`,
    );
  const found = listRuns(folder);
  if (found.length === 0)
    return { text: `No runs in ${folder}. Begin one with: sampo train vae --data digits-binary`, json: [] };
  for (const run of found) if ("problem" in run) out.warn(run.problem);
  const columns = [
    ...["run", "model", "data"].map((title) => ({ title })),
    ...["step", "best loss", "at step"].map((title) => ({ title, align: "right" as const })),
    { title: "status" },
    { title: "trained", align: "right" as const },
    { title: "begun" },
  ];
  return { text: table(columns, found.map(row), out.colours.bold), json: found.map(describe) };
}

/** A run whose process is gone without having said so was killed. */
function statusOf(folder: string, status: string): string {
  return status === "running" && !isHeld(runPaths(folder).lock) ? "killed" : status;
}

function row(run: ListedRun): string[] {
  if ("problem" in run) return [run.folder, "", "", "", "", "", "unreadable"];
  const { model, data, last, best, status, seconds, created } = run.manifest;
  const loss = best?.figures.loss;
  return [
    run.folder,
    model,
    data.name,
    String(last?.step ?? 0),
    loss === undefined ? "" : formatFigure(loss),
    String(best?.step ?? ""),
    statusOf(run.folder, status),
    formatDuration(seconds),
    created.slice(0, 16).replace("T", " "),
  ];
}

function describe(run: ListedRun) {
  if ("problem" in run) return run;
  const { model, preset, data, seed, last, best, status, seconds, created, updated } = run.manifest;
  return {
    folder: run.folder,
    model,
    preset: preset ?? null,
    data: data.name,
    seed,
    step: last?.step ?? 0,
    best: best ?? null,
    status: statusOf(run.folder, status),
    seconds,
    created,
    updated,
  };
}
