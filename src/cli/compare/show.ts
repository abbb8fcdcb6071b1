import { type Compared, type Comparison, partFigure } from "../../artifacts/comparison.node.ts";
import { showNegativeLogLikelihood } from "../../artifacts/index.ts";
import { formatCount, formatDuration, sparkline, table } from "../output/index.ts";

type Style = (text: string) => string;

/** A few samples of each model, the leaderboard as a table of text, and who is not on it. */
export function showComparison({ leaderboard, excluded, pending }: Comparison, bold: Style): string {
  const part = partFigure(leaderboard);
  const classes = leaderboard.some(({ classification }) => classification);
  const right = (title: string) => ({ title, align: "right" as const });
  const columns = [
    { title: "" },
    { title: "model" },
    { title: "nats", align: "right" as const },
    ...(classes ? [right("accuracy"), right("log-loss")] : [{ title: part.title, align: "right" as const }]),
    { title: "kind" },
    { title: "parameters", align: "right" as const },
    { title: "steps", align: "right" as const },
    { title: "s/epoch", align: "right" as const },
    { title: "samples/s", align: "right" as const },
    { title: "validation" },
  ];
  const sketches = leaderboard.flatMap(({ model, sketch }) => (sketch ? [`${bold(model)}\n${sketch}`] : []));
  const lines = [
    ...sketches,
    table(
      columns,
      leaderboard.map((one, place) => row(one, place, classes ? classesOf : (each) => [part.show(each)])),
      bold,
    ),
  ];
  const left = excluded.map(({ model, reason }) => `${model}: ${reason}`);
  if (left.length > 0) lines.push([bold("Not compared"), ...left.map((line) => `  ${line}`)].join("\n"));
  if (pending.length > 0) lines.push(`${bold("Still to come")}  ${pending.join(", ")}`);
  return lines.join("\n\n");
}

/** Accuracy in per cent and log-loss in nats. */
function classesOf({ classification }: Compared): string[] {
  if (!classification) return ["–", "–"];
  return [`${(100 * classification.accuracy).toFixed(1)} %`, classification.logLoss.toFixed(4)];
}

function row(one: Compared, place: number, part: (one: Compared) => string[]): string[] {
  const { likelihood } = one;
  return [
    String(place + 1),
    one.status === "diverged" ? `${one.model} (diverged)` : one.model,
    likelihood ? showNegativeLogLikelihood(likelihood) : "–",
    ...part(one),
    likelihood?.kind ?? "none",
    formatCount(one.parameters),
    formatCount(one.steps),
    formatDuration(one.secondsPerEpoch),
    one.samplesPerSecond === undefined ? "–" : formatCount(Number(one.samplesPerSecond.toPrecision(2))),
    one.curve.length > 1
      ? sparkline(
          one.curve.map(({ loss }) => loss),
          16,
        )
      : "",
  ];
}
