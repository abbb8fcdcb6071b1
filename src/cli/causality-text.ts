import { checkEnding } from "../artifacts/examples.node.ts";
import { writeFileAtomic } from "../artifacts/files.node.ts";
import { type MarkedPiece, markedPieces } from "../artifacts/marked-text.ts";
import { renderReport } from "../artifacts/report/report.ts";
import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import type { AnyModel, Capabilities } from "../models/contract.ts";
import { key } from "../random/index.ts";
import type { Result } from "./command.ts";
import { colouredText, seesColour } from "./marked-text.ts";
import { type Reporter, table } from "./output/index.ts";
import { type ChosenText, chosenText, showToken } from "./text-input.ts";
import type { InUse } from "./trained.ts";

type Model = AnyModel & Pick<Capabilities, "causality">;
type Options = Readonly<Record<string, unknown>>;

const PROBES = 32;

/** A token before the predicted one: how strongly the prediction depends on it, and whether it is seen at all. */
interface Dependence {
  readonly token: string;
  readonly strength: number;
  readonly seen: boolean;
}

/** How strongly the prediction of one token depends on each of those before it that the model looks back on. */
export async function causalityOfText(use: InUse, model: Model, options: Options, out: Reporter): Promise<Result> {
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(file, [".html", ".csv"]);
  if (options.order !== undefined)
    throw new UsageError("Tokens are predicted in the order of the text: leave --order out.");
  const chosen = await chosenText(use, options, out, model.data.shape[0]! - 1);
  const text = ownText(chosen, model.data.boundary);
  const at = placeOf(options.at as string[] | undefined, text.length);
  const { tokens, found } = await dependences(use, model, { text, at, chosen, options, out });
  const predicted = at < text.length ? `token ${at}, ${showToken(chosen.tokenizer, text[at]!)}` : "the token after it";
  const line = `What the prediction of ${predicted} depends on: ${found.filter((each) => each.seen).length} of the ${found.length} tokens before it`;
  const about = { run: use.trained.run.folder, from: chosen.from, at, count: found.length };
  const strengths = found.map((each) => each.strength);
  const most = Math.max(0, ...strengths);
  const share = (value: number) => (most > 0 ? value / most : 0);
  const pieces = markedPieces(chosen.tokenizer, tokens, strengths);
  if (file !== undefined) {
    const page = () => pageOf(`What ${use.trained.entry.title} looks at`, line, chosen.from, pieces, share);
    writeFileAtomic(file, /\.csv$/i.test(file) ? csvOf(found) : page());
    return { text: `${file}: ${line}`, json: { ...about, file } };
  }
  const shown = seesColour(out) ? colouredText(pieces, share) : tableOf(found);
  return { text: `${shown}\n${line}`, json: { ...about, tokens: found } };
}

/** What is looked at: token `at` of a text. */
interface Looked {
  readonly text: readonly number[];
  readonly at: number;
  readonly chosen: ChosenText;
  readonly options: Options;
  readonly out: Reporter;
}

/** The tokens before the predicted one that the model looks back on, with how the prediction depends on them. */
async function dependences({ on }: InUse, model: Model, { text, at, chosen, options, out }: Looked) {
  const length = model.data.shape[0]!;
  const start = Math.max(0, at + 2 - length);
  const row = new Float32Array(length).fill(chosen.opening);
  row.set([chosen.opening, ...text].slice(start, at + 1));
  const { strength, seen } = await model.causality(on, new HostArray("float32", [1, length], row), [at + 1 - start], {
    key: key(options.seed as number),
    probes: (options.probes as number | undefined) ?? PROBES,
    progress: (fraction) => out.progress({ label: "causality", fraction }),
  });
  const skipped = start === 0 ? 1 : 0; // the opening stands before the first token
  const tokens = text.slice(Math.max(0, start - 1), at);
  const found = tokens.map(
    (token, i): Dependence => ({
      token: JSON.parse(showToken(chosen.tokenizer, token)) as string,
      strength: strength.data[i + skipped]!,
      seen: seen.data[i + skipped] === 1,
    }),
  );
  return { tokens, found };
}

function csvOf(found: readonly Dependence[]): string {
  const lines = found.map(({ token, strength }) => `"${token.replaceAll('"', '""')}",${strength.toPrecision(6)}`);
  return `token,strength\n${lines.join("\n")}\n`;
}

function pageOf(
  title: string,
  line: string,
  from: string,
  pieces: readonly MarkedPiece[],
  share: (value: number) => number,
): string {
  const coloured = pieces.map(({ text, value }) => ({ text, share: share(value), note: value.toPrecision(3) }));
  return renderReport({
    title,
    lead: `${line}. The stronger the colour, the more its logits change with the token's weight.`,
    summary: [],
    texts: [{ title: from, text: "", pieces: coloured }],
  });
}

const tableOf = (found: readonly Dependence[]) =>
  table(
    [{ title: "token" }, { title: "strength", align: "right" }],
    found.map(({ token, strength }) => [JSON.stringify(token), strength.toPrecision(3)]),
  );

/** One text; of a model of lines the first, without its end. */
function ownText({ texts }: ChosenText, boundary: number | undefined): number[] {
  const tokens = Array.from(texts[0]!);
  return boundary === undefined ? tokens : tokens.filter((token) => token !== boundary);
}

/** The number of the predicted token: the one after the text unless --at says another. */
function placeOf(asked: readonly string[] | undefined, length: number): number {
  if (asked === undefined) return length;
  const at = Number(asked[0]);
  if (asked.length > 1) throw new UsageError("Of a text, one token is looked at: give --at once.");
  if (!Number.isInteger(at) || at < 1 || at > length)
    throw new UsageError(`--at ${asked[0]}: expected the number of a token from 1 to ${length}, the first being 0.`);
  return at;
}
