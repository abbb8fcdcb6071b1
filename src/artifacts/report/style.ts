/** The style sheet of reports: system fonts, light and dark by the reader's setting, one column on phones, plain on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --card: #f6f7f9; --line: #dfe3e8; --ink: #1b1f24; --soft: #57606b; --accent: #1f5fc4; --head: #eef2f9;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #111418; --card: #191d23; --line: #2c323a; --ink: #e8ebef; --soft: #a3acb8; --accent: #7fb0ff; --head: #161c27; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
header.top { background: var(--head); border-bottom: 1px solid var(--line); }
.wide { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header.top .wide { padding-top: 40px; padding-bottom: 24px; }
h1 { font-size: clamp(1.6rem, 4vw, 2.3rem); line-height: 1.2; margin: 0; letter-spacing: -0.015em; overflow-wrap: anywhere; }
.lead { margin: 8px 0 0; color: var(--soft); font-size: 1.05rem; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 20px 0 0; padding: 0; font-size: 0.93rem; }
a { color: var(--accent); text-underline-offset: 3px; }
a:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 16px; top: 12px; background: var(--ground); padding: 4px 10px; }
main section { padding: 36px 0 4px; }
h2 { font-size: 1.3rem; margin: 0 0 14px; letter-spacing: -0.01em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 0; }
.tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px 14px; min-width: 0; }
.tiles dt { color: var(--soft); font-size: 0.85rem; }
.tiles dd { margin: 2px 0 0; font-size: 1.2rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 0.93rem; font-variant-numeric: tabular-nums; }
th, td { padding: 9px 14px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { background: var(--card); color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; }
th.name { white-space: nowrap; }
td.number { white-space: nowrap; font-weight: 600; }
table.pairs { table-layout: fixed; min-width: 320px; }
table.pairs th { width: 34%; font-weight: 500; color: var(--soft); }
table.pairs td, table.pairs th { overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 0.9rem; margin: 10px 2px 0; }
.charts { columns: 2 440px; column-gap: 16px; }
.charts figure { break-inside: avoid; margin-bottom: 16px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px; min-width: 0; }
figcaption { color: var(--soft); font-size: 0.9rem; padding: 8px 4px 0; overflow-wrap: anywhere; }
figcaption strong { color: var(--ink); font-weight: 600; }
.sampo-chart { display: block; width: 100%; height: auto; color: var(--ink); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; align-items: start; }
.pictures .broad { grid-column: 1 / -1; }
.pictures figure > svg { display: block; max-width: 100%; height: auto; margin: auto; border-radius: 5px; }
.pictures img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 5px; }
pre {
  margin: 0; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow-x: auto;
  font: 0.88rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
footer { margin-top: 44px; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.88rem; }
footer .wide { padding-top: 18px; padding-bottom: 34px; }
@media print {
  :root { --ground: #fff; --card: #fff; --line: #bbb; --ink: #000; --soft: #333; --accent: #000; --head: #fff; }
  body { font-size: 11pt; } nav, .skip { display: none; } .scroll { overflow: visible; } pre { white-space: pre-wrap; }
  figure, tr, .tiles > div { break-inside: avoid; } h2 { break-after: avoid; } main section { padding-top: 18px; }
}
`;
