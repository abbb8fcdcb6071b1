import { bayes, random } from "sampo";

const yesNo = (name: string) => ({ name, states: ["yes", "no"] });

// p(variable | parents): one row for each combination of the parents' states, the last parent varying fastest.
const lawn: bayes.Network = {
  name: "lawn",
  nodes: [
    { variable: yesNo("rain"), parents: [], table: Float64Array.of(0.2, 0.8) },
    { variable: yesNo("sprinkler"), parents: ["rain"], table: Float64Array.of(0.01, 0.99, 0.4, 0.6) },
    {
      variable: yesNo("wet"),
      parents: ["sprinkler", "rain"],
      table: Float64Array.of(0.99, 0.01, 0.9, 0.1, 0.8, 0.2, 0, 1),
    },
  ],
};
const graph = bayes.checkNetwork(lawn); // says what is wrong with a network, if anything is

console.log("rain when wet", bayes.posterior(lawn, ["rain"], { wet: "yes" }).values);
console.log("wet by itself", Math.exp(bayes.logProbability(lawn, { wet: "yes" })));
console.log("most probable", bayes.mpe(lawn, { wet: "yes" }).states);
console.log("independent", bayes.dSeparation(graph, ["rain"], ["wet"], ["sprinkler"]).separated);

// Turning the sprinkler on says nothing about rain; seeing it on does.
const turned = bayes.intervene(lawn, { sprinkler: "yes" });
console.log("rain, seen on", bayes.posterior(lawn, ["rain"], { sprinkler: "yes" }).values);
console.log("rain, turned on", bayes.posterior(turned, ["rain"], { sprinkler: "yes" }).values);

const rows = bayes.forwardSample(lawn, random.key(5), 2000);
const learnt = bayes.learnParameters(graph, rows, { kind: "k2" });
console.log("learnt", learnt.nodes[1]!.table);
console.log(bayes.writeBif(learnt).split("\n")[0]); // a file for `sampo bayes query`
