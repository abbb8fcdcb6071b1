import { DataError } from "../../base/errors.ts";

/** A word, a quoted name, a punctuation mark or the end of the text, with the line it begins in. */
export interface Token {
  readonly kind: "word" | "string" | "mark" | "end";
  readonly text: string;
  readonly line: number;
}

/** Everything but space, marks and quotes: names such as `>=7.5` and numbers are words. */
const WORD = /[^\s{}()[\]|,;"]+/y;
const SPACE = /\s+/y;

/** Reads the tokens of a BIF text one by one, past spaces and comments, and the raw texts of properties. */
export class Lexer {
  readonly #text: string;
  readonly #source: string;
  #at = 0;
  #line = 1;
  #peeked: Token | undefined;

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
  }

  /** An error that names the file and the line. */
  error(message: string, line = this.#line): DataError {
    return new DataError(`${this.#source}, line ${line}: ${message}`);
  }

  /** The next token without taking it. */
  peek(): Token {
    this.#peeked ??= this.#read();
    return this.#peeked;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    return token;
  }

  /** Takes everything up to the next semicolon outside quotes: a property's text, trimmed. Nothing may be peeked. */
  rawStatement(what: string): string {
    const [start, line] = [this.#at, this.#line];
    let quoted = false;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      if (character === '"') quoted = !quoted;
      if (character === ";" && !quoted) return this.#text.slice(start, this.#at++).trim();
      if (character === "\n") this.#line++;
    }
    throw this.error(`the file ends within ${what}; it is truncated, or a ";" or a quote is missing.`, line);
  }

  #advance(to: number): void {
    for (let i = this.#at; i < to; i++) if (this.#text.charCodeAt(i) === 10) this.#line++;
    this.#at = to;
  }

  #skip(): void {
    for (;;) {
      SPACE.lastIndex = this.#at;
      if (SPACE.test(this.#text)) this.#advance(SPACE.lastIndex);
      if (this.#text.startsWith("//", this.#at)) {
        const end = this.#text.indexOf("\n", this.#at);
        this.#advance(end < 0 ? this.#text.length : end);
      } else if (this.#text.startsWith("/*", this.#at)) {
        const end = this.#text.indexOf("*/", this.#at + 2);
        if (end < 0) throw this.error("this comment has no end; close it with */.");
        this.#advance(end + 2);
      } else return;
    }
  }

  #read(): Token {
    this.#skip();
    const line = this.#line;
    if (this.#at >= this.#text.length) return { kind: "end", text: "", line };
    if (this.#text[this.#at] === '"') {
      const end = this.#text.indexOf('"', this.#at + 1);
      if (end < 0) throw this.error("this quoted name has no end; close it with a quote.");
      const text = this.#text.slice(this.#at + 1, end);
      this.#advance(end + 1);
      return { kind: "string", text, line };
    }
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0];
    if (word !== undefined) {
      this.#at += word.length;
      return { kind: "word", text: word, line };
    }
    return { kind: "mark", text: this.#text[this.#at++]!, line };
  }
}
