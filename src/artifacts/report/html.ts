import { escapeMarkup } from "../markup.ts";

/** Text that is HTML already; only `html` and `trusted` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text and numbers (escaped), markup (as it is), lists of these, or nothing. */
export type Content = string | number | Markup | undefined | readonly Content[];

function show(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.text;
  return typeof content === "object" ? content.map(show).join("") : escapeMarkup(String(content));
}

/** A template for HTML in which every inserted text is escaped. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, index) => part + show(contents[index])).join(""));
}

/** Marks text as HTML that this package made itself. */
export function trusted(text: string): Markup {
  return new Markup(text);
}
