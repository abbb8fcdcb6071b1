import type { HostArray } from "../base/host.ts";
import { leaves } from "../base/tree.ts";
import type { Named } from "../models/contract.ts";

/** Notices a loss that is no number or has left every bound seen before. */
export class DivergenceGuard {
  private scale: number | undefined;

  /** Why the loss counts as diverged, or undefined. */
  check(loss: number): string | undefined {
    if (!Number.isFinite(loss)) return `the loss became ${loss}`;
    const size = Math.abs(loss);
    if (this.scale !== undefined && size > 1e3 * (1 + this.scale)) return `the loss jumped to ${loss.toPrecision(4)}`;
    this.scale = this.scale === undefined ? size : 0.99 * this.scale + 0.01 * size;
    return undefined;
  }
}

/** Whether every number of a tree of arrays is finite. */
export function allFinite(tree: unknown): boolean {
  const finite = ({ dtype, data }: HostArray) => dtype === "int64" || (data as Float32Array).every(Number.isFinite);
  return leaves<HostArray>(tree).every(finite);
}

/** Means of metrics between two progress events. */
export class Means {
  private sums: Record<string, number> = {};
  private count = 0;

  add(metrics: Named<HostArray>): void {
    this.count++;
    for (const [name, value] of Object.entries(metrics))
      this.sums[name] = (this.sums[name] ?? 0) + Number(value.data[0]);
  }

  take(): Named<number> {
    const means = Object.fromEntries(Object.entries(this.sums).map(([name, sum]) => [name, sum / this.count]));
    this.sums = {};
    this.count = 0;
    return means;
  }
}
