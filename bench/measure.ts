/** One timed number with what it rests on: milliseconds per step. */
export interface Timing {
  readonly ms: number;
  /** Processor milliseconds of all threads, averaged: what to compare where others use the machine too. */
  readonly cpu: number;
  readonly min: number;
  readonly p90: number;
  readonly runs: number;
}

/** Something to be timed; it may be asynchronous. */
export type Step = () => unknown;

const shortestSample = 0.5; // ms; faster steps are timed several at a time

async function clock(step: Step, repeat: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeat; i++) await step();
  return (performance.now() - start) / repeat;
}

async function samples(step: Step, repeat: number, seconds: number, least: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (times.length < least || performance.now() < end) times.push(await clock(step, repeat));
  return times.sort((a, b) => a - b);
}

/** The middle of a list, or the mean of the two middles. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Warms up, then takes the median over enough steps to fill the asked seconds; the same rule as peers/measure.py. */
export async function measure(step: Step, seconds: number): Promise<Timing> {
  const fastest = (await samples(step, 1, Math.min(0.5, seconds / 4), 1))[0]!;
  const repeat = Math.max(1, Math.round(shortestSample / Math.max(fastest, 1e-6)));
  const before = process.cpuUsage();
  const times = await samples(step, repeat, seconds, 3);
  const { user, system } = process.cpuUsage(before);
  const runs = times.length * repeat;
  const p90 = times[Math.floor(0.9 * (times.length - 1))]!;
  return { ms: median(times), cpu: (user + system) / 1000 / runs, min: times[0]!, p90, runs };
}
