/** How the next token may be chosen; all of it left out draws from the model itself. */
export interface TokenChoice {
  /** Divides the logits; 0 takes the most probable token. */
  readonly temperature?: number;
  /** Only so many of the most probable tokens are possible. */
  readonly topK?: number;
  /** Only the most probable tokens whose probability sums to at least this are possible (Holtzman et al. 2019, arXiv 1904.09751). */
  readonly topP?: number;
  /** Divides positive logits of tokens seen before and multiplies negative ones (Keskar et al. 2019, arXiv 1909.05858). */
  readonly repetitionPenalty?: number;
}

/** Probabilities of the next token from logits, in double precision; `seen` are the tokens a repetition penalty falls on. */
export function tokenProbabilities(
  logits: ArrayLike<number>,
  { temperature = 1, topK, topP, repetitionPenalty = 1 }: TokenChoice = {},
  seen: Iterable<number> = [],
): Float64Array {
  const scores = Float64Array.from(logits);
  if (repetitionPenalty !== 1)
    for (const token of new Set(seen)) scores[token]! *= scores[token]! > 0 ? 1 / repetitionPenalty : repetitionPenalty;
  if (temperature === 0) return onlyBest(scores);
  const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const probabilities = normalised(scores.map((score) => Math.exp((score - most) / temperature)));
  return kept(probabilities, topK, topP);
}

function onlyBest(scores: Float64Array): Float64Array {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  const result = new Float64Array(scores.length);
  result[best] = 1;
  return result;
}

function normalised(weights: Float64Array): Float64Array {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** The most probable tokens by number and by mass, renormalised; among equals the lower number is kept. */
function kept(probabilities: Float64Array, topK: number | undefined, topP: number | undefined): Float64Array {
  if ((topK === undefined || topK >= probabilities.length) && (topP === undefined || topP >= 1)) return probabilities;
  const order = Uint32Array.from(probabilities, (_, i) => i).sort(
    (a, b) => probabilities[b]! - probabilities[a]! || a - b,
  );
  const first = normalised(probabilities.map((_, i) => (i < (topK ?? order.length) ? probabilities[order[i]!]! : 0)));
  const result = new Float64Array(probabilities.length);
  let before = 0;
  for (let i = 0; i < first.length && before < (topP ?? 1); i++) {
    result[order[i]!] = first[i]!;
    before += first[i]!;
  }
  return normalised(result);
}

/** The token whose share of [0, 1) holds u: the draw x = F⁻¹(u) from one uniform. */
export function tokenAt(probabilities: ArrayLike<number>, u: number): number {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i] === 0) continue;
    last = i;
    sum += probabilities[i]!;
    if (u < sum) return i;
  }
  return last;
}
