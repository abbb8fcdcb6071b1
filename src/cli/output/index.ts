export { brailleRow } from "./braille.ts";
export { formatBytes, formatCount, formatDuration, formatFigure, formatMeasured } from "./format.ts";
export type { Progress } from "./progress.ts";
export { type Colours, createReporter, type Reporter, type ReporterOptions, type Sink } from "./reporter.ts";
export { sparkline } from "./sparkline.ts";
export { type Column, table } from "./table.ts";
