import { expect, it } from "vitest";
import { renderReport } from "./report.ts";

const report = { title: "R", summary: [] };

it("shows a text in parts, coloured by their weight, with everything escaped", () => {
  const pieces = [
    { text: "<b>", share: 1, note: '"1"' },
    { text: "plain & simple", share: 0, note: "0" },
    { text: "\n", share: 0.5, note: "2" },
  ];
  const page = renderReport({ ...report, texts: [{ title: "T", text: "unseen", pieces }] });
  expect(page).toContain('<span style="background:rgb(232 96 28/80%)" title="&quot;1&quot;">&lt;b&gt;</span>');
  expect(page).toContain("</span>plain &amp; simple<span");
  expect(page).toContain('title="2">↵\n</span>');
  expect(page).not.toContain("unseen");
});

it("shows pictures that are SVG as they are, and none that is neither", () => {
  const picture = { title: "P", alt: "a picture", caption: "Seen." };
  expect(renderReport({ ...report, pictures: [{ ...picture, svg: "<svg></svg>", broad: true }] })).toContain(
    '<figure class="broad"><svg></svg>',
  );
  expect(() => renderReport({ ...report, pictures: [picture] })).toThrow(/no.*data URI/);
  expect(() => renderReport({ ...report, pictures: [{ ...picture, svg: "<script>" }] })).toThrow(/data URI/);
});
