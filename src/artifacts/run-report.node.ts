import { explainedChart } from "./directions.node.ts";
import { likelihoodsOf } from "./evaluations.node.ts";
import { kindOf, writeFileAtomic } from "./files.node.ts";
import { readJsonLines } from "./jsonl.node.ts";
import { excerpt, learntTables } from "./learnt.node.ts";
import { commandLines } from "./manifest.ts";
import { renderReport } from "./report/report.ts";
import { curves, figuresTold, unitOf } from "./run-curves.node.ts";
import type { ReportInputs } from "./run-inputs.node.ts";
import { latentMap } from "./run-latent.node.ts";
import { drawLearnt, drawPictures } from "./run-pictures.node.ts";
import { readTexts, writeTexts } from "./run-texts.node.ts";
import { classificationTables, tableCharts } from "./table-report.node.ts";
import { fittedOf } from "./trained.node.ts";

/** Draws the pictures of a run, writes them and report.html, and returns the report's path. */
export async function writeRunReport(inputs: ReportInputs): Promise<string> {
  const { run, entry, checkpoint, model } = inputs.trained;
  const { on } = inputs;
  const { manifest, paths } = run;
  const outcome = fittedOf(inputs.trained);
  const pictures = [...drawLearnt(inputs), ...(await drawPictures(inputs))];
  const records = kindOf(paths.metrics) === "file" ? readJsonLines(paths.metrics) : [];
  const html = renderReport({
    title: `${entry.title} on ${manifest.data.name}`,
    lead: `${entry.paper}. Data: ${manifest.data.protocol}`,
    summary: [
      ["Training steps", manifest.last?.step ?? 0],
      ["Training time", span(manifest.seconds)],
      ["Parameters shown", `${checkpoint.name}, step ${checkpoint.step}`],
      ["Status", manifest.status],
      ...(outcome ? [["Fitted", outcome.text] as const] : []),
    ],
    likelihoods: likelihoodsOf(run, checkpoint),
    tables: [
      ...classificationTables(inputs.trained),
      ...figuresTold(records),
      ...learntTables(model, on.params).map(excerpt),
    ],
    charts: [
      ...(await explainedChart(model, on.params)),
      ...(await tableCharts(inputs)),
      ...(await curves(records, unitOf(model))),
      ...(await latentMap(inputs)),
    ],
    pictures,
    texts: [...(await writeTexts(inputs)), ...(await readTexts(inputs))],
    configuration: { model: manifest.model, ...manifest.configuration, training: manifest.training ?? {} },
    environment: { ...manifest.versions, ...manifest.machine },
    reproduce: commandLines(manifest),
    footer: `Sampo ${manifest.versions.sampo} · ${manifest.created.slice(0, 10)}`,
  });
  writeFileAtomic(paths.report, html);
  return paths.report;
}

/** A span of time: `0.066 s`, `4.2 min`. */
const span = (seconds: number) =>
  seconds < 60 ? `${Number(seconds.toPrecision(2))} s` : `${(seconds / 60).toFixed(1)} min`;
