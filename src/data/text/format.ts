/** The parts of a tokenizer.json (Hugging Face tokenizers, version 1.0) that Sampo writes and reads. */

/** One token outside the vocabulary of the model, matched literally before anything else. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
}

/** What differs between the files of the three kinds of tokeniser. */
export interface TokenizerFile {
  /** Tokens by their number, in the file's spelling. */
  readonly tokens: readonly string[];
  readonly merges: readonly string[];
  readonly added: readonly AddedToken[];
  /** Whether tokens are spelt in the byte alphabet; characters as they are otherwise. */
  readonly byteLevel: boolean;
  /** Whether text is first cut by GPT-2's regular expression. */
  readonly words: boolean;
}

/** The text of a tokenizer.json. */
export function tokenizerJson({ tokens, merges, added, byteLevel, words }: TokenizerFile): string {
  const level = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: words };
  const outside = new Set(added.map(({ id }) => id));
  const vocab = Object.fromEntries(
    tokens.map((token, id) => [token, id] as const).filter(([, id]) => !outside.has(id)),
  );
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return `${JSON.stringify(
    {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added.map(({ id, content }) => ({ id, content, ...flags })),
      normalizer: null,
      pre_tokenizer: byteLevel ? level : null,
      post_processor: null,
      decoder: byteLevel ? level : { type: "Fuse" },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab,
        merges,
      },
    },
    null,
    1,
  )}\n`;
}
