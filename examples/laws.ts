import { probability, random } from "sampo";

const { univariate: u, multivariate: m } = probability;

const wait = u.gamma({ concentration: 3, rate: 0.5 }); // minutes until the third bus
console.log("mean and deviation", wait.mean, Math.sqrt(wait.variance));
console.log("longer than 20 minutes", wait.survival(20)); // with all digits far into the tail
console.log("no longer in 19 of 20 cases", wait.inverseCdf(0.95));
console.log("log-density at 4, entropy", wait.logProb(4), wait.entropy()); // in nats

const seen = wait.sample(random.key(1), 1000); // the same numbers each time
const fitted = u.fit.gamma(seen); // of largest likelihood; weights may follow
console.log("fitted", fitted.parameters);
console.log("nats lost by it", u.kl(wait, fitted).nats);
console.log("mean root", u.expectation(wait, Math.sqrt));

const jumps = u.mixture({
  weights: [0.9, 0.1],
  components: [u.normal({ mean: 0, stdDev: 1 }), u.studentT({ freedom: 2, scale: 3 })],
});
console.log("once in a thousand above", jumps.inverseSurvival(1e-3));
console.log("nats to a normal law", u.kl(jumps, u.normal({ mean: 0, stdDev: 2 })).nats); // Infinity: its tails are too heavy

const shots = u.conjugate.binomialBeta({ a: 1, b: 1 }, [7, 4, 6], 10); // hits in three rounds of ten
console.log("hit rate", shots.posterior.mean, "log-evidence", shots.logEvidence);
console.log("all ten next time", shots.predictive.prob(10));

const sizes = m.multivariateNormal({
  mean: [170, 65],
  covariance: [
    [80, 50],
    [50, 90],
  ],
});
const tall = sizes.conditional({ 0: 190 }); // the law of coordinate 1 given coordinate 0
console.log("weight at 190 cm", tall.mean[0], Math.sqrt(tall.covariance().data[0]!));
