import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatDuration, formatFigure, formatMeasured } from "./format.ts";
import { bar, progressLine } from "./progress.ts";
import { createReporter, type ReporterOptions, type Sink, wantsColour } from "./reporter.ts";
import { sparkline } from "./sparkline.ts";
import { table } from "./table.ts";
import { clip, harmless, plain, textColumns } from "./text.ts";

const ESC = "\u001b";

describe("numbers", () => {
  it("counts with prefixes", () => {
    const shown = [0, 7, 950, 999.6, 1000, 60_000, 1_154_434, 999_600, 2.5e9, -12_000, 0.25, Number.NaN].map(
      formatCount,
    );
    expect(shown).toEqual(["0", "7", "950", "1k", "1k", "60k", "1.15M", "1M", "2.5G", "-12k", "0.25", "NaN"]);
  });

  it("bytes", () => {
    expect([0, 17, 1023, 1024, 4_613_734, 2 ** 40 * 5000].map(formatBytes)).toEqual([
      "0 B",
      "17 B",
      "1023 B",
      "1.0 KiB",
      "4.4 MiB",
      "5000.0 TiB",
    ]);
    expect(formatBytes(1024 * 1024 - 1)).toBe("1.0 MiB");
  });

  it("durations", () => {
    const shown = [
      0,
      5e-5,
      0.035,
      0.9999,
      4.21,
      9.96,
      59.4,
      59.6,
      185,
      3599.7,
      4320,
      86_399,
      183_600,
      Number.NaN,
      -1,
    ].map(formatDuration);
    expect(shown).toEqual([
      "0 µs",
      "50 µs",
      "35 ms",
      "1.0 s",
      "4.2 s",
      "10 s",
      "59 s",
      "1 min 00 s",
      "3 min 05 s",
      "1 h 00 min",
      "1 h 12 min",
      "1 d 0 h",
      "2 d 3 h",
      "?",
      "?",
    ]);
  });

  it("figures and measurements", () => {
    expect([0, -101.234, 0.0123, 1234.56, 3e-4, 2.5e7, Number.NaN].map(formatFigure)).toEqual([
      "0",
      "-101.23",
      "0.0123",
      "1234.6",
      "3.00e-4",
      "2.50e+7",
      "NaN",
    ]);
    expect(formatMeasured(-86.9312, 0.1534, "nats")).toBe("-86.93 ± 0.15 nats");
    expect(formatMeasured(-86.9312, undefined, "nats")).toBe("-86.93 nats");
    expect(formatMeasured(2, 0, "nats")).toBe("2.00 ± 0.00 nats");
    expect(formatMeasured(2.5, Number.NaN, "nats")).toBe("2.50 nats");
  });
});

describe("text", () => {
  it("is measured without colours, with wide letters and combined signs", () => {
    expect(textColumns(`${ESC}[31mred${ESC}[39m`)).toBe(3);
    expect([textColumns("日本"), textColumns("🎲"), textColumns("e\u0301"), textColumns("≤ ±")]).toEqual([4, 2, 1, 3]);
    expect(plain(`${ESC}[1;31mx${ESC}[0m`)).toBe("x");
  });

  it("is cut to any width", () => {
    expect([clip("abcdef", 6), clip("abcdef", 4), clip("日本語", 4), clip("abc", 1), clip("abc", 0)]).toEqual([
      "abcdef",
      "abc…",
      "日…",
      "…",
      "",
    ]);
  });

  it("from elsewhere cannot steer the terminal", () => {
    expect(harmless(`a${ESC}[2Jb\u0007\u009b\n\tc`)).toBe("a\ufffd[2Jb\ufffd\ufffd\n\tc");
  });
});

describe("sparkline", () => {
  it("rises from low to high, with gaps, flat in the middle when constant", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([1, Number.NaN, 2])).toBe("▁ █");
    expect(sparkline([3, 3])).toBe("▄▄");
    expect(sparkline([])).toBe("");
  });

  it("condenses long curves", () => {
    const line = sparkline(
      Array.from({ length: 1000 }, (_, i) => i),
      8,
    );
    expect(line).toBe("▁▂▃▄▅▆▇█");
  });
});

describe("table", () => {
  it("aligns columns whatever their colours and letters", () => {
    const text = table(
      [{ title: "model" }, { title: "nats", align: "right" }, { title: "note" }],
      [
        [`${ESC}[32mvae${ESC}[39m`, "86.93", "≤"],
        ["日本語モデル", "7.1"],
      ],
    );
    expect(plain(text).split("\n")).toEqual([
      "model          nats  note",
      "vae           86.93  ≤",
      "日本語モデル    7.1",
    ]);
  });

  it("shows its titles without rows", () => {
    expect(table([{ title: "a" }], [], (title) => `<${title}>`)).toBe("<a>");
  });
});

describe("progress line", () => {
  it("tells share, time left and detail", () => {
    const line = progressLine({ fraction: 0.25, label: "train", detail: "step 100" }, 30, 80);
    expect(line).toBe("train  █████░░░░░░░░░░░░░░░  25%  1 min 30 s left  step 100");
    expect(progressLine({ label: "train" }, 3, 80)).toBe("train  3.0 s");
    expect(progressLine({ fraction: 1, label: "train" }, 3, 80)).toContain("100%  3.0 s");
    expect(progressLine({ fraction: 0, label: "train" }, 3, 80)).not.toContain("left");
  });

  it("never exceeds the terminal, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.double({ min: -1, max: 2 }),
        fc.integer({ min: 0, max: 200 }),
        (text, fraction, columns) => {
          const line = progressLine({ fraction, label: text, detail: text }, 5, columns);
          expect(textColumns(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/[\n\t]/);
          expect(line).not.toContain(ESC);
        },
      ),
      { seed: 3, numRuns: 50 },
    );
  });

  it("fills by eighths", () => {
    expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(1 / 32, 4)]).toEqual(["░░░░", "██░░", "████", "▏░░░"]);
    for (let i = 0; i <= 100; i++) expect(bar(i / 100, 10)).toHaveLength(10);
  });
});

/** A reporter whose streams are lists and whose clock is set by hand. */
function bench(options: ReporterOptions & { tty?: boolean } = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const clock = { now: 0 };
  const sink = (list: string[]): Sink => ({
    write: (text) => list.push(text),
    isTTY: options.tty ?? false,
    columns: 80,
  });
  const reporter = createReporter({ stdout: sink(out), stderr: sink(err), env: {}, now: () => clock.now, ...options });
  return { reporter, out, err, clock };
}

describe("reporter", () => {
  it("writes exactly one JSON document to stdout, and words to stderr", () => {
    const { reporter, out, err } = bench({ json: true });
    reporter.info("working");
    reporter.warn("careful");
    reporter.progress({ label: "x", fraction: 0.5 });
    reporter.done("for people", { likelihood: { nats: 86.9, stderr: Number.NaN }, big: 5n });
    expect(JSON.parse(out.join(""))).toEqual({ likelihood: { nats: 86.9, stderr: null }, big: 5 });
    expect(err.join("")).toBe("working\nwarning careful\n");
    expect(() => reporter.done("", {})).toThrow(/one result/);
  });

  it("writes the text for people otherwise", () => {
    const { reporter, out } = bench();
    reporter.done("86.93 nats", { nats: 86.93 });
    expect(out.join("")).toBe("86.93 nats\n");
    const silent = bench();
    silent.reporter.done("", {});
    expect(silent.out).toEqual([]);
  });

  it("draws progress only on a terminal, at most ten times a second, the end always", () => {
    const { reporter, err, clock } = bench({ tty: true });
    for (let i = 0; i <= 1000; i++) {
      clock.now = i / 1000;
      reporter.progress({ label: "train", fraction: i / 1000 });
    }
    expect(err.length).toBeGreaterThan(9);
    expect(err.length).toBeLessThanOrEqual(12);
    expect(err.at(-1)).toContain("100%");
    expect(bench({ tty: true, quiet: true }).err).toEqual([]);
    const dumb = bench({ tty: true, env: { TERM: "dumb" } });
    dumb.reporter.progress({ label: "x" });
    expect(dumb.err).toEqual([]);
  });

  it("clears the bar before words and goes below it at the end and at a new label", () => {
    const { reporter, err } = bench({ tty: true });
    reporter.progress({ label: "train", fraction: 0.1 });
    reporter.info("saved");
    reporter.progress({ label: "train", fraction: 0.2 });
    reporter.progress({ label: "evaluate", fraction: 0.1 });
    reporter.done("", {});
    const marks = err.map((text) => text.replaceAll(`\r${ESC}[2K`, "^").replace(/ {2}.*/, ""));
    expect(marks).toEqual(["^train", "^", "saved\n", "^train", "\n", "^evaluate", "\n"]);
  });

  it("keeps quiet but for warnings and errors", () => {
    const { reporter, err } = bench({ quiet: true });
    reporter.info("chatter");
    reporter.warn("w");
    reporter.error(`e${ESC}[2J`);
    expect(err.join("")).toBe("warning w\nerror e\ufffd[2J\n");
  });

  it("colours a terminal unless NO_COLOR is set", () => {
    const coloured = bench({ tty: true });
    coloured.reporter.warn("x");
    expect(coloured.err.join("")).toContain(`${ESC}[33mwarning`);
    expect(coloured.reporter.colours.red("x")).not.toBe("x");
    expect(bench({ tty: true, env: { NO_COLOR: "1" } }).reporter.colours.red("x")).toBe("x");
    expect(bench({ tty: true, json: true }).reporter.colours.red("x")).toBe("x");
    const [terminal, pipe]: Sink[] = [{ write: () => 0, isTTY: true }, { write: () => 0 }];
    expect(wantsColour(terminal!, {})).toBe(true);
    expect(wantsColour(terminal!, { NO_COLOR: "" })).toBe(true);
    expect(wantsColour(terminal!, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(wantsColour(terminal!, { TERM: "dumb" })).toBe(false);
    expect(wantsColour(pipe!, {})).toBe(false);
    expect(wantsColour(pipe!, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColour(terminal!, { FORCE_COLOR: "0" })).toBe(false);
  });
});
