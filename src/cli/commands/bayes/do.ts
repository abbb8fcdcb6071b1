import { UsageError } from "../../../base/errors.ts";
import {
  adjustedEffect,
  averageCausalEffect,
  causalMarginals,
  dagOf,
  isBackDoorSet,
  marginals,
  minimalBackDoorSets,
  type Network,
  variablesOf,
} from "../../../bayes/index.ts";
import { type Evidence, ImpossibleEvidence, variableNamed } from "../../../probability/tables/index.ts";
import type { CommandSpec, Invocation, Result } from "../../command.ts";
import { table } from "../../output/index.ts";
import { wholeNumber, words } from "../../parse.ts";
import {
  describeEvidence,
  evidenceOf,
  evidenceOptions,
  fileArgument,
  formatProbability,
  inferenceOptionsOf,
  memoryOptions,
  namesOf,
  openNetwork,
  readingOptions,
  targetOption,
} from "./question.ts";

/** The most back-door sets that are listed. */
const LISTED = 50;

/** `sampo bayes do`. */
export const doCommand: CommandSpec = {
  name: "do",
  summary: "What setting variables does to others, beside merely observing them; back-door sets and average effects.",
  arguments: [fileArgument],
  options: [
    { ...evidenceOptions[0]!, flags: "--do <name=state,…>", description: "states that are set; repeatable" },
    targetOption,
    evidenceOptions[0]!,
    {
      flags: "--adjust <names>",
      description: "adjust for these variables instead of the smallest back-door set; repeatable",
      parse: words,
      repeated: true,
    },
    {
      flags: "--max-set <number>",
      description: "largest back-door set to look for",
      parse: wholeNumber(0),
      default: 4,
    },
    ...memoryOptions,
    ...readingOptions,
  ],
  examples: [
    "bayes do asia.bif --do bronc=yes --target dysp",
    "bayes do asia.bif --do smoke=no --target lung,dysp --json",
  ],
  run: act,
};

async function act(invocation: Invocation): Promise<Result> {
  const { options } = invocation;
  const network = openNetwork(invocation);
  const actions = evidenceOf(invocation, "do");
  const targets = [...new Set(namesOf(options.target))];
  if (Object.keys(actions).length === 0 || targets.length === 0)
    throw new UsageError("Say what is set and what is asked: --do X=state --target Y.");
  const set = targets.find((name) => Object.hasOwn(actions, name));
  if (set !== undefined) throw new UsageError(`"${set}" is set by --do; ask for another variable.`);
  const evidence = evidenceOf(invocation);
  const simple = Object.keys(actions).length === 1 && Object.keys(evidence).length === 0;
  if (options.adjust !== undefined && !simple)
    throw new UsageError("--adjust is for one variable that is set and nothing observed: leave it out.");
  const limits = inferenceOptionsOf(invocation);
  const done = causalMarginals(network, targets, actions, evidence, limits);
  const seen = observed(network, targets, { ...evidence, ...actions }, limits);
  const [cause, treated] = Object.entries(actions)[0]!;
  const effects = simple ? targets.map((target) => effectsOf(network, cause, treated, target, invocation)) : [];
  const byState = (name: string, values?: Float64Array) => {
    const { states } = variableNamed(variablesOf(network), name);
    return values ? Object.fromEntries(states.map((state, k) => [state, values[k]!])) : null;
  };
  const json = {
    do: actions,
    given: evidence,
    targets: Object.fromEntries(
      targets.map((name) => [name, { do: byState(name, done.get(name)), observed: byState(name, seen?.get(name)) }]),
    ),
    effects,
  };
  const text = [marginalTable(network, targets, done, seen, actions, evidence, invocation), ...effects.map(inWords)];
  return { text: text.join("\n\n"), json };
}

/** What observing the same states would say; nothing where that has probability zero. */
function observed(network: Network, targets: readonly string[], evidence: Evidence, limits: object) {
  try {
    return marginals(network, targets, evidence, limits);
  } catch (error) {
    if (error instanceof ImpossibleEvidence) return undefined;
    throw error;
  }
}

function marginalTable(
  network: Network,
  targets: readonly string[],
  done: ReadonlyMap<string, Float64Array>,
  seen: ReadonlyMap<string, Float64Array> | undefined,
  actions: Evidence,
  evidence: Evidence,
  { out }: Invocation,
): string {
  const rows = targets.flatMap((name) =>
    variableNamed(variablesOf(network), name).states.map((state, k) => [
      k === 0 ? name : "",
      state,
      formatProbability(done.get(name)![k]!),
      seen ? formatProbability(seen.get(name)![k]!) : "impossible",
    ]),
  );
  const right = (title: string) => ({ title, align: "right" as const });
  const given = Object.keys(evidence).length > 0 ? `, given ${describeEvidence(evidence)}` : "";
  const columns = [
    { title: "variable" },
    { title: "state" },
    right(`do(${describeEvidence(actions)})`),
    right("if observed"),
  ];
  return `After do(${describeEvidence(actions)})${given}:\n\n${table(columns, rows, out.colours.bold)}`;
}

function effectsOf(network: Network, cause: string, treated: string, target: string, { options }: Invocation) {
  const dag = dagOf(network);
  const maxSize = options.maxSet as number;
  const minimal = minimalBackDoorSets(dag, cause, target, { maxSize }).slice(0, LISTED);
  const asked = options.adjust === undefined ? undefined : namesOf(options.adjust);
  const adjustFor = asked ?? minimal[0];
  if (asked && !isBackDoorSet(dag, cause, target, asked))
    throw new UsageError(
      `{${asked.join(", ")}} does not satisfy the back-door criterion for the effect of ${cause} on ${target}${minimal[0] ? `; {${minimal[0].join(", ")}} does` : ""}.`,
    );
  const states = {
    cause: variableNamed(variablesOf(network), cause),
    target: variableNamed(variablesOf(network), target),
  };
  const controls = states.cause.states.filter((state) => state !== treated);
  const effect = adjustFor && tryEffect(network, cause, target, adjustFor);
  const against = controls.map((control) => ({
    control,
    effects: Object.fromEntries(
      states.target.states.map((state) => {
        const [one, other] = [treated, control].map((x) => {
          const answer = causalMarginals(network, [target], { [cause]: x }).get(target)!;
          return answer[states.target.states.indexOf(state)]!;
        });
        return [state, one! - other!];
      }),
    ),
  }));
  const byAdjustment =
    effect && controls[0] !== undefined
      ? averageCausalEffect(effect, states.target.states[0]!, treated, controls[0])
      : null;
  return { cause, target, treated, backDoorSets: minimal, adjustedFor: adjustFor ?? null, byAdjustment, against };
}

/** The effect by adjustment, or nothing where some stratum never has a state of the cause. */
function tryEffect(network: Network, cause: string, target: string, set: readonly string[]) {
  const effect = adjustedEffect(network, cause, target, set);
  return effect.distributions.some((row) => row.some(Number.isNaN)) ? undefined : effect;
}

function inWords({ cause, target, treated, backDoorSets, adjustedFor, against }: ReturnType<typeof effectsOf>): string {
  const sets = backDoorSets.map((set) => (set.length > 0 ? `{${set.join(", ")}}` : "{}")).join(", ");
  const lines = against.map(({ control, effects }) => {
    const changes = Object.entries(effects).map(
      ([state, by]) => `${state} ${by < 0 ? "−" : "+"}${formatProbability(Math.abs(by))}`,
    );
    return `Average effect of ${cause}=${treated} instead of ${control} on ${target}: ${changes.join(", ")}.`;
  });
  const chosen = adjustedFor ? ` Adjustment here is for {${adjustedFor.join(", ")}}.` : "";
  return [...lines, `Smallest back-door sets: ${sets || "none within --max-set"}.${chosen}`].join("\n");
}
