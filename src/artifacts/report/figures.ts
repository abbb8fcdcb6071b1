import type { LikelihoodKind } from "../../models/contract.ts";

/**
 * A measured likelihood, ready for a table. `nats` is the mean negative log-likelihood of an example, smaller is better;
 * for the kind "lower-bound" (of log p) it is an upper bound of the true figure. A LikelihoodFigure of evaluation is one.
 */
export interface LikelihoodRow {
  readonly kind: LikelihoodKind;
  readonly nats: number;
  readonly stderr?: number;
  readonly bitsPerDim?: number;
  /** How it was computed: "importance-weighted bound, 5000 samples". */
  readonly via?: string;
  readonly split: string;
  /** How many examples it is the mean of. */
  readonly count?: number;
  readonly protocol: string;
}

/** Decimals so that the standard error shows two digits, between 1 and 4. */
function decimals(stderr: number | undefined): number {
  if (stderr === undefined || !(stderr > 0)) return 2;
  return Math.min(4, Math.max(1, 1 - Math.floor(Math.log10(stderr))));
}

const relation: Record<LikelihoodKind, string> = {
  exact: "",
  "lower-bound": "≤ ",
  estimate: "≈ ",
  unnormalised: "unnormalised ",
};

/** Negative log-likelihood as papers print it: `≤ 86.93 ± 0.15`; a lower bound on log p is an upper bound on this. */
export function showNegativeLogLikelihood(row: Pick<LikelihoodRow, "kind" | "nats" | "stderr">): string {
  const digits = decimals(row.stderr);
  const error = row.stderr !== undefined && Number.isFinite(row.stderr) ? ` ± ${row.stderr.toFixed(digits)}` : "";
  return `${relation[row.kind]}${minus(row.nats.toFixed(digits))}${error}`;
}

/** Bits per dimension with the relation of its kind: `≤ 0.1583`. */
export function showBitsPerDim(row: Pick<LikelihoodRow, "kind" | "bitsPerDim">): string {
  return row.bitsPerDim === undefined ? "–" : `${relation[row.kind]}${minus(row.bitsPerDim.toFixed(4))}`;
}

/** A hyphen as a minus sign, as wide as a plus. */
function minus(text: string): string {
  return text.replace(/^-/, "−");
}

/** Nested values as rows: `layers` → `200, 200`, `encoder.hidden` → `500`. */
export function flatten(value: Readonly<Record<string, unknown>>, prefix = ""): [name: string, value: string][] {
  return Object.entries(value).flatMap(([key, item]) => {
    const name = prefix ? `${prefix}.${key}` : key;
    if (item === undefined) return [];
    const isBranch = typeof item === "object" && item !== null && !Array.isArray(item) && Object.keys(item).length > 0;
    return isBranch ? flatten(item as Record<string, unknown>, name) : [[name, showValue(item)] as [string, string]];
  });
}

function showValue(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? value.map(showValue).join(", ") : "none";
  if (value === null) return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
