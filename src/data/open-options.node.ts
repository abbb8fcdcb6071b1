import type { DownloadOptions } from "./download.node.ts";
import type { Binarization } from "./encoding.ts";
import type { Environment } from "./files.node.ts";
import type { Tokenizer } from "./text/index.ts";
import type { SplitName } from "./types.ts";

/** How to open a data set; what does not apply to it is refused. */
export interface OpenOptions {
  /** `static` and `threshold` are applied here; `dynamic` leaves bytes, and is drawn when batches are made. */
  readonly binarize?: Binarization;
  /** Decides shuffled splits and static binarisation; 0 unless given. */
  readonly seed?: number;
  /** Height and width to bring the images of a folder to, or of a set that comes in several sizes. */
  readonly size?: number;
  /** The column of a table to be predicted (its labels), by name or number; "none" when it has none. */
  readonly target?: string;
  /** An older word for target, as runs of earlier versions have it. */
  readonly label?: string;
  /** Takes data as rows of a table of typed columns with gaps, as models of tables do. */
  readonly table?: boolean;
  /** Kinds of columns of such a table, `age:count,size:ordinal(S|M|L),*:real`, or a schema file. */
  readonly columns?: string;
  /** Only the first so many rows of a table. */
  readonly rows?: number;
  /** Only so many rows of a table, drawn by the seed. */
  readonly randomRows?: number;
  /** GiB of memory that a table may take before its rows are kept on disk; 40 % of the machine's unless given. */
  readonly memory?: number;
  /** The column that says which split a row belongs to: train, valid or test. */
  readonly splitBy?: string;
  /** The column of a table that says which rows are the steps of one sequence, in their order. */
  readonly sequence?: string;
  /** Takes each row of a file as a sequence of its cells, of any length. */
  readonly sequenceRows?: boolean;
  /** Columns of a table to leave out, by name or number. */
  readonly drop?: readonly string[];
  /** Gives real numbers mean 0 and standard deviation 1 by the statistics of train. */
  readonly standardize?: boolean;
  /** How text becomes tokens: `char` (unless given), `byte`, `bpe:N`, or the path of a tokenizer.json or of GPT-2's files. */
  readonly tokenizer?: string;
  /** Tokens a model of text looks back on; 64 unless given. */
  readonly context?: number;
  /** Reads text line by line, each line an example of its own. */
  readonly lines?: boolean;
  /** What holds for text, and for nothing else, where the options say nothing: what a preset wants. */
  readonly usual?: { readonly tokenizer?: string; readonly context?: number };
  /** Number of examples in each split of a generated set. */
  readonly counts?: Readonly<Partial<Record<SplitName, number>>>;
}

/** What opening a data set takes from its surroundings. */
export interface OpenDeps {
  readonly env?: Environment;
  readonly download?: DownloadOptions;
  /** Called while images are read or files fetched. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** The tokeniser to use instead of making one: that of a run. */
  readonly tokenizer?: Tokenizer;
}
