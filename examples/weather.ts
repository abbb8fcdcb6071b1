import { probability, random } from "sampo";

const { tables, markov } = probability;

// A joint table: the last variable varies fastest, and all numbers sum to one.
const sky = { name: "sky", states: ["sun", "rain"] };
const ground = { name: "ground", states: ["dry", "wet"] };
const joint = tables.jointTable([sky, ground], [0.56, 0.14, 0.03, 0.27]);
console.log("wet", tables.probability(joint, { ground: "wet" }));
console.log("sky when wet", tables.conditional(joint, ["sky"], { ground: "wet" }).values);
console.log("shared nats", tables.mutualInformation(joint, ["sky"], ["ground"]));

// A Markov chain: rows of p(next | now), one after the other.
const days = markov.markovChain({ states: ["sun", "rain"], transition: [0.8, 0.2, 0.4, 0.6] });
console.log("in the long run", days.stationary());
console.log("log p of three days", days.logProb(["sun", "sun", "rain"]));
console.log("days until rain", markov.hittingTimes(days.lifted(), ["rain"]));
const drawn = days.sample(random.key(2), 1, 500);
const again = markov.fitMarkovChain(drawn, { states: days.states, smoothing: 1 });
console.log("fitted", again.transition);

// A hidden Markov model: the weather is hidden, three habits of a friend (walk 0, shop 1, clean 2) are seen.
const friend = markov.hiddenMarkovModel({
  initial: [0.4, 0.6],
  transition: [0.6, 0.4, 0.3, 0.7],
  emission: markov.categoricalEmission({ states: 2, probabilities: [0.6, 0.3, 0.1, 0.1, 0.4, 0.5] }),
});
console.log("habits, log p", friend.logProb([0, 1, 2]));
console.log("most probable weather", friend.viterbi([0, 1, 2]).path);
console.log("with a gap", friend.smooth([0, Number.NaN, 2])); // p(state | all that was seen), day by day
const { steps } = friend.sample(random.key(3), 2000);
const learnt = markov.fitHiddenMarkovModel([steps], {
  states: 2,
  emission: { kind: "categorical", levels: 3 },
  key: random.key(4),
  tolerance: 0.01, // nats a round
});
console.log("learnt from 2,000 days", learnt.rounds, learnt.logLikelihood);
