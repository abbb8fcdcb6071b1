import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { DataError } from "../../base/errors.ts";
import { curveChart } from "../charts/charts.node.ts";
import { contrast } from "../charts/palette.ts";
import { encodePng, pngDataUri } from "../pictures/png.ts";
import { flatten, type LikelihoodRow, showBitsPerDim, showNegativeLogLikelihood } from "./figures.ts";
import { html } from "./html.ts";
import { type Report, renderReport } from "./report.ts";
import { style } from "./style.ts";

const hostile = `"><script>alert('x')</script><img src=x onerror=alert(1)> & </style></title> \${7*7} \u0000`;
const src = pngDataUri(encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) }));
const bound: LikelihoodRow = {
  kind: "lower-bound",
  nats: 86.931,
  stderr: 0.153,
  bitsPerDim: 0.15997,
  via: "importance-weighted bound, 5000 samples",
  split: "test",
  protocol: "fixed binarisation",
};

function full(text: string): Report {
  return {
    title: text,
    lead: text,
    summary: [[text, text]],
    tables: [{ title: "Board", head: [text, text], rows: [[text, text]], numbers: [1], note: text }],
    likelihoods: [{ ...bound, via: text, split: text, protocol: text }],
    charts: [{ svg: curveChart([{ name: text, x: [1, 2], y: [3, 4] }], { title: text }), caption: text }],
    pictures: [{ title: text, src, alt: text, caption: text, broad: true }],
    configuration: { [text]: text, nested: { [text]: [text, 1] } },
    environment: { cpu: text },
    reproduce: [text, text],
    footer: text,
  };
}

describe("report", () => {
  it("escapes every text it is given", () => {
    const page = renderReport(full(hostile));
    const { document } = parseHTML(page);
    expect(document.querySelectorAll("script").length).toBe(0);
    expect(document.querySelectorAll("img").length).toBe(1);
    for (const bad of ["<script", "<img src=x", "\u0000"]) expect(page).not.toContain(bad);
    expect(
      [...document.querySelectorAll("*")]
        .flatMap((one) => [...one.attributes])
        .some(({ name }) => name.startsWith("on")),
    ).toBe(false);
    expect(document.querySelector("h1")?.textContent).toBe(hostile.replace("\u0000", ""));
    expect(document.querySelector("img")?.getAttribute("alt")).toBe(hostile.replace("\u0000", ""));
  });

  it("asks for nothing outside of itself", () => {
    const page = renderReport(full("plain")).replaceAll("http://www.w3.org/2000/svg", "");
    expect(page).not.toMatch(/https?:|url\((?!#)|@import|<link rel="stylesheet"/);
    const policy = parseHTML(page).document.querySelector("meta[http-equiv=Content-Security-Policy]");
    expect(policy?.getAttribute("content")).toBe("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
  });

  it("is built for screen readers: landmarks, one h1, named regions, table headers, alternative texts, unique ids", () => {
    const { document } = parseHTML(renderReport(full("plain")));
    expect(document.documentElement.getAttribute("lang")).toBe("en");
    for (const landmark of ["header", "nav", "main", "footer"])
      expect(document.querySelectorAll(landmark).length).toBe(1);
    expect(document.querySelectorAll("h1").length).toBe(1);
    for (const link of document.querySelectorAll("nav a"))
      expect(document.getElementById(link.getAttribute("href")!.slice(1))?.tagName).toBe("SECTION");
    for (const header of document.querySelectorAll("th")) expect(header.getAttribute("scope")).toMatch(/^(col|row)$/);
    for (const picture of document.querySelectorAll("img")) expect(picture.getAttribute("alt")).not.toBe("");
    for (const chart of document.querySelectorAll("svg.sampo-chart"))
      expect(chart.getAttribute("aria-label")).not.toBe("");
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has texts of contrast 4.5:1 or better, in light and in dark", () => {
    const themes = [
      ...style.matchAll(
        /--ground: (#\w{6}); --card: (#\w{6}).*?--ink: (#\w{6}); --soft: (#\w{6}); --accent: (#\w{6}); --head: (#\w{6})/g,
      ),
    ];
    expect(themes.length).toBe(2);
    for (const [, ground, card, ink, soft, accent, head] of themes)
      for (const behind of [ground!, card!, head!])
        for (const text of [ink!, soft!, accent!])
          expect(contrast(text, behind), `${text} on ${behind}`).toBeGreaterThan(4.5);
  });

  it("leaves out sections without content", () => {
    const { document } = parseHTML(renderReport({ title: "t", summary: [["steps", 5]] }));
    expect([...document.querySelectorAll("h2")].map((one) => one.textContent)).toEqual(["Summary"]);
  });

  it("shows likelihoods with kind, error, way and protocol", () => {
    const { document } = parseHTML(
      renderReport({ title: "t", summary: [], likelihoods: [{ ...bound, count: 10_000 }] }),
    );
    const cells = [...document.querySelectorAll("#likelihood tbody tr > *")].map((cell) => cell.textContent);
    expect(cells).toEqual([
      "test, 10,000 examples",
      "≤ 86.93 ± 0.15",
      "≤ 0.1600",
      "lower bound of log p",
      bound.via,
      bound.protocol,
    ]);
    expect(document.querySelector(".note")?.textContent).toContain("hence ≤");
  });

  it("shows tables as sections of their own, and none that is empty", () => {
    const tables = [
      { title: "Not compared", head: ["model", "why"], rows: [["gan", "has no likelihood"]], note: "That is all." },
      { title: "Empty", head: ["model"], rows: [] },
    ];
    const { document } = parseHTML(renderReport({ title: "t", summary: [], tables }));
    expect([...document.querySelectorAll("section")].map(({ id }) => id)).toEqual(["not-compared"]);
    expect(document.querySelector("#not-compared tbody tr")?.textContent).toBe("ganhas no likelihood");
    expect(document.querySelector("#not-compared .note")?.textContent).toBe("That is all.");
  });

  it("refuses pictures from elsewhere and charts that are not SVG", () => {
    const picture = { title: "p", alt: "p" };
    for (const bad of [
      "https://example.org/x.png",
      "javascript:alert(1)",
      'data:image/png;base64,AA" onload="x',
      "data:text/html;base64,AA",
    ])
      expect(() => renderReport({ title: "t", summary: [], pictures: [{ ...picture, src: bad }] })).toThrow(DataError);
    expect(() => renderReport({ title: "t", summary: [], charts: [{ svg: "<p>" }] })).toThrow(/not SVG/);
  });

  it("is the same text each time", () => {
    expect(renderReport(full("x"))).toBe(renderReport(full("x")));
  });
});

describe("figures", () => {
  it("write the relation of each kind", () => {
    const shown = (["exact", "lower-bound", "estimate", "unnormalised"] as const).map((kind) =>
      showNegativeLogLikelihood({ kind, nats: 80.5 }),
    );
    expect(shown).toEqual(["80.50", "≤ 80.50", "≈ 80.50", "unnormalised 80.50"]);
    expect(showNegativeLogLikelihood({ kind: "exact", nats: -3.25 })).toBe("−3.25");
    expect(showBitsPerDim({ kind: "exact" })).toBe("–");
  });

  it("give the standard error two digits", () => {
    const shown = [1.5, 0.153, 0.0123, 1e-9, 20, Number.NaN].map((stderr) =>
      showNegativeLogLikelihood({ kind: "exact", nats: 1, stderr }),
    );
    expect(shown).toEqual(["1.0 ± 1.5", "1.00 ± 0.15", "1.000 ± 0.012", "1.0000 ± 0.0000", "1.0 ± 20.0", "1.00"]);
  });

  it("flatten nested settings", () => {
    expect(flatten({ a: 1, b: { c: [1, 2], d: null, e: {} }, f: [], g: undefined, h: false })).toEqual([
      ["a", "1"],
      ["b.c", "1, 2"],
      ["b.d", "none"],
      ["b.e", "{}"],
      ["f", "none"],
      ["h", "false"],
    ]);
  });
});

describe("html template", () => {
  it("escapes texts, keeps markup and joins lists", () => {
    expect(html`<p title="${'"'}">${["<", html`<b>${1}</b>`]}${undefined}</p>`.text).toBe(
      '<p title="&quot;">&lt;<b>1</b></p>',
    );
  });
});
