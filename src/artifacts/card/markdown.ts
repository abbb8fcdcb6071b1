/** Text made safe for Markdown, also inside table cells: nothing of it is read as mark-up or HTML. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[\\`*_[\]|~#$!]/g, "\\$&");
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
}

/** Text as code inside a line or a table cell. */
export function codeSpan(text: string): string {
  const flat = text.replace(/\s+/g, " ").replaceAll("|", "\\|");
  const fence = "`".repeat(longestRun(flat) + 1);
  const space = /^`|`$/.test(flat) || flat === "" ? " " : "";
  return `${fence}${space}${flat}${space}${fence}`;
}

/** Lines of code in a fence that the code cannot end. */
export function codeBlock(language: string, code: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(code) + 1));
  return `${fence}${language}\n${code.trimEnd()}\n${fence}`;
}

/** A table; cells are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
