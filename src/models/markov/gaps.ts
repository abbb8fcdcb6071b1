import { inverseCdf } from "../../probability/tables/index.ts";

/** What may come next. */
export interface NextLaw {
  readonly levels: number;
  /** Probabilities of every token at `place` after the tokens before it. */
  probabilities(tokens: ArrayLike<number>, place: number): Float64Array;
}

/** A sequence with gaps. */
export interface Gapped {
  readonly tokens: Int32Array;
  /** 1 where a token is known. */
  readonly known: Uint8Array;
  /** The first place that is not merely history. */
  readonly first: number;
  /** The token after whose second occurrence nothing but itself follows. */
  readonly boundary?: number;
}

/** The contexts of a place and what they weigh. */
interface Alive {
  readonly codes: Float64Array;
  readonly weights: Float64Array;
}

/** The state after the end of a line. */
const ENDED = -1;

/** Numbers of contexts and steps between them: a context is the number of its last k tokens. */
class Contexts {
  readonly levels: number;
  readonly order: number;
  readonly size: number;
  private readonly reader: NextLaw;
  private readonly kept = new Map<string, Float64Array>();

  constructor(reader: NextLaw, order: number) {
    this.reader = reader;
    this.levels = reader.levels;
    this.order = order;
    this.size = reader.levels ** order;
  }

  /** p(token | context), the context being the `length` last tokens. */
  laws(code: number, length: number): Float64Array {
    const name = `${length}:${code}`;
    const found = this.kept.get(name);
    if (found) return found;
    const tokens = new Int32Array(length);
    for (let i = length - 1, rest = code; i >= 0; i--) {
      tokens[i] = rest % this.levels;
      rest = Math.floor(rest / this.levels);
    }
    const made = this.reader.probabilities(tokens, length);
    if (this.kept.size < 4096) this.kept.set(name, made);
    return made;
  }

  next(code: number, token: number, boundary: number | undefined): number {
    if (token === boundary || code === ENDED) return ENDED;
    return this.order === 0 ? 0 : (code * this.levels + token) % this.size;
  }
}

/** What is known of a sequence, weighed. */
interface Weighed {
  /** The contexts before every place and after the last. */
  readonly alive: readonly Alive[];
  readonly contexts: Contexts;
  readonly shareOf: (place: number, code: number, token: number) => number;
  /** log p(token | known tokens before it) from the first place on; of a missing token 0, −∞ where one cannot happen. */
  readonly nats: Float64Array;
}

/** Weights of contexts forward. Contexts that no known token leaves alive cost nothing. */
function weigh(reader: NextLaw, order: number, { tokens, known, first, boundary }: Gapped): Weighed {
  const contexts = new Contexts(reader, order);
  const { levels } = contexts;
  const before = Math.min(order, first);
  let start = 0;
  const nats = new Float64Array(tokens.length - first);
  for (let i = first - before; i < first; i++) start = start * levels + tokens[i]!;
  const alive: Alive[] = [{ codes: Float64Array.of(start), weights: Float64Array.of(1) }];
  const shareOf = (place: number, code: number, token: number) => {
    if (code === ENDED) return token === boundary ? 1 : 0;
    return contexts.laws(code, Math.min(order, place))[token]!;
  };
  for (let place = first; place < tokens.length; place++) {
    const { codes, weights } = alive.at(-1)!;
    const sums = new Map<number, number>();
    const candidates = known[place] ? [tokens[place]!] : undefined;
    for (let c = 0; c < codes.length; c++)
      for (let i = 0; i < (candidates?.length ?? levels); i++) {
        const token = candidates ? candidates[i]! : i;
        const weight = weights[c]! * shareOf(place, codes[c]!, token);
        if (weight === 0) continue;
        const next = contexts.next(codes[c]!, token, boundary);
        sums.set(next, (sums.get(next) ?? 0) + weight);
      }
    let total = 0;
    for (const weight of sums.values()) total += weight;
    nats[place - first] = known[place] ? Math.log(total) : 0;
    alive.push({
      codes: Float64Array.from(sums.keys()),
      weights: Float64Array.from(sums.values(), (weight) => weight / total),
    });
  }
  return { alive, contexts, shareOf, nats };
}

/** log p(token | what is known before it) in nats, from the first place on, what is missing summed out; 0 of what is missing. */
export function gapNats(reader: NextLaw, order: number, sequence: Gapped): Float64Array {
  return weigh(reader, order, sequence).nats;
}

/**
 * Draws what is missing of a sequence from its exact posterior under a chain of order k: weights of contexts forward, a draw
 * of contexts backward. `uniforms` holds one number for each place and one more.
 */
export function drawGaps(reader: NextLaw, order: number, sequence: Gapped, u: ArrayLike<number>): void {
  drawBack(weigh(reader, order, sequence), sequence, u);
}

function drawBack(
  { alive, contexts, shareOf }: Weighed,
  { tokens, known, first, boundary }: Gapped,
  u: ArrayLike<number>,
): void {
  const last = alive.at(-1)!;
  let after = last.codes[inverseCdf(last.weights, u[tokens.length] ?? u[tokens.length - 1]!)]!;
  for (let place = tokens.length - 1; place >= first; place--) {
    const { codes, weights } = alive[place - first]!;
    const choices: { code: number; token: number }[] = [];
    const shares: number[] = [];
    let total = 0;
    for (let c = 0; c < codes.length; c++)
      for (const token of known[place] ? [tokens[place]!] : tokensTo(after, contexts, boundary)) {
        if (contexts.next(codes[c]!, token, boundary) !== after) continue;
        const weight = weights[c]! * shareOf(place, codes[c]!, token);
        choices.push({ code: codes[c]!, token });
        shares.push(weight);
        total += weight;
      }
    const chosen = choices[inverseCdf(shares, u[place]! * total)]!;
    tokens[place] = chosen.token;
    after = chosen.code;
  }
}

/** The tokens after which a context can be `code`. */
function tokensTo(code: number, { order, levels }: Contexts, boundary: number | undefined): number[] {
  if (code === ENDED) return [boundary!];
  if (order > 0) return [code % levels];
  return Array.from({ length: levels }, (_, token) => token);
}
