import { formatDuration } from "./format.ts";
import { clip, harmless } from "./text.ts";

/** Where a piece of work stands. */
export interface Progress {
  /** Share done, 0 to 1; unknown when absent. */
  readonly fraction?: number;
  /** What is being done: "train", "evaluate". */
  readonly label: string;
  /** What to say beside the bar: "step 1,200 · elbo -101.20". */
  readonly detail?: string;
}

/** Draws the line of a bar: label, bar, percent, time left, detail; never wider than the terminal. */
export function progressLine(progress: Progress, elapsed: number, columns: number): string {
  const { fraction, label, detail = "" } = progress;
  const parts = [harmless(label)];
  if (fraction === undefined) parts.push(elapsed >= 0.1 ? formatDuration(elapsed) : "…");
  else {
    const share = Math.min(1, Math.max(0, fraction));
    parts.push(
      `${bar(share, Math.max(8, Math.min(28, Math.floor(columns / 4))))} ${String(Math.floor(share * 100)).padStart(3)}%`,
    );
    if (share < 1 && share > 0 && elapsed >= 1) parts.push(`${formatDuration((elapsed * (1 - share)) / share)} left`);
    if (share === 1) parts.push(formatDuration(elapsed));
  }
  if (detail) parts.push(harmless(detail));
  return clip(parts.join("  ").replace(/[\n\t]/g, " "), columns);
}

/** A bar of `width` columns filled to eighths of a column. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  const full = Math.floor(eighths / 8);
  const rest = eighths % 8;
  const part = rest > 0 ? " ▏▎▍▌▋▊▉"[rest]! : "";
  return `${"█".repeat(full)}${part}${"░".repeat(width - full - (part ? 1 : 0))}`;
}
