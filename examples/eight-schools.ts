import { writeFileSync } from "node:fs";
import { distributions, float32, programs, random } from "sampo";
import { posteriorChart } from "sampo/node";

const { halfCauchy, normal } = distributions;

// What coaching did in eight schools, in points of a test, and the standard errors (Rubin 1981).
const effects = [28, 8, -3, 7, -1, 1, 18, 12];
const errors = float32([15, 10, 16, 11, 9, 11, 10, 18]);

const schools = programs.program(({ sample, observe, derive }) => {
  const mu = sample("mu", normal({ mean: 0, stdDev: 5 })); // the mean over schools
  const tau = sample("tau", halfCauchy({ scale: 5 })); // how much schools differ
  const eta = sample("eta", normal({ mean: 0, stdDev: 1 }), { shape: [8] });
  const theta = derive("theta", eta.mul(tau).add(mu)); // each school's effect
  observe("effects", normal({ mean: theta, stdDev: errors }), effects);
});

const posterior = await programs.sampleNuts(schools, { key: random.key(1) }); // 4 chains of 1,000 draws
console.log(programs.table(posterior)); // means, quantiles, Monte Carlo errors, R-hat

const { elpd, stderr } = programs.crossValidate(posterior);
console.log(`left out and predicted: ${elpd.toFixed(1)} ± ${stderr.toFixed(1)} nats`);

const again = programs.posteriorPredictive(posterior, { key: random.key(2) }); // data the model would generate
console.log(`replicated effects: ${again.effects!.shape.join(" × ")} numbers`);

const approximate = await programs.fitAdvi(schools, { key: random.key(3), kind: "full-rank" });
const { elbo, weights } = approximate.approximation;
console.log(`variational bound ${elbo.toFixed(2)} nats, Pareto k ${weights.k.toFixed(2)}`);

writeFileSync(process.argv[2] ?? "eight-schools.svg", posteriorChart(posterior, ["mu", "tau", "theta[0]"]));
