const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe for HTML and XML, as content and inside quoted attributes; control characters XML forbids are dropped. */
export function escapeMarkup(text: string): string {
  const allowed = [...text].filter((letter) => letter >= " " || letter === "\n" || letter === "\t").join("");
  return allowed.replace(/[&<>"']/g, (letter) => entities[letter]!);
}
