/** Three significant digits and the prefix of the size: `950`, `1.15M`, `60k`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return String(count);
  const size = Math.abs(count);
  for (const [unit, suffix] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (size >= unit * 0.9995) return `${trimmed(count / unit)}${suffix}`;
  return Number.isInteger(count) ? String(count) : trimmed(count);
}

/** Three significant digits without trailing zeros. */
function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Bytes in powers of 1024: `17 B`, `4.4 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1023.95 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A time span in its two largest units: `35 ms`, `4.2 s`, `3 min 05 s`, `1 h 12 min`, `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "?";
  if (seconds < 0.9995)
    return seconds < 0.00095 ? `${Math.round(seconds * 1e6)} µs` : `${Math.round(seconds * 1e3)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(whole / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A figure of a training log: fixed decimals in the middle range, powers of ten outside, `NaN` as it is. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2);
  return value.toFixed(size >= 1000 ? 1 : size >= 1 ? 2 : 4);
}

/** A measured number with its standard error, both with the decimals the error supports: `-86.93 ± 0.15 nats`. */
export function formatMeasured(value: number, stderr: number | undefined, unit: string): string {
  if (stderr === undefined || !Number.isFinite(stderr)) return `${formatFigure(value)} ${unit}`;
  const digits = stderr > 0 ? Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(stderr)))) : 2;
  return `${value.toFixed(digits)} ± ${stderr.toFixed(digits)} ${unit}`;
}
