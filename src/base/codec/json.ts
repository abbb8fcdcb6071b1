import { DataError } from "../errors.ts";

/** Parses UTF-8 JSON from untrusted bytes; objects with a name given twice are refused, not silently merged. */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${where} is not valid JSON (${(error as Error).message}).`);
  }
  const twice = duplicateName(text);
  if (twice !== undefined) throw new DataError(`${where} gives the name "${twice}" twice.`);
  return value;
}

/** The first name that an object of a VALID JSON text holds twice. */
function duplicateName(text: string): string | undefined {
  const scopes: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "{" || char === "[") scopes.push(new Set());
    else if (char === "}" || char === "]") scopes.pop();
    else if (char === '"') {
      const end = closingQuote(text, i);
      if (isName(text, end)) {
        const name = JSON.parse(text.slice(i, end + 1)) as string;
        const scope = scopes.at(-1)!;
        if (scope.has(name)) return name;
        scope.add(name);
      }
      i = end;
    }
  }
  return undefined;
}

function closingQuote(text: string, open: number): number {
  let i = open + 1;
  while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}

function isName(text: string, end: number): boolean {
  let i = end + 1;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\t" || text[i] === "\r") i++;
  return text[i] === ":";
}
