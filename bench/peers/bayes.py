"""pgmpy's side of the workloads bayes/*: exact inference in alarm, and agreement with our posteriors.

    python3 bench/peers/bayes.py path/to/alarm.bif [--seconds 5]

Needs pgmpy (pip install pgmpy) and no PyTorch of its own. Prints one JSON document: median and least milliseconds of one
query by variable elimination (each variable in turn) and of all marginals, one query after the other; and every
posterior for comparison. (Its belief propagation took minutes where its elimination took one second.)
"""

import argparse
import json
import sys

import pgmpy
from pgmpy.inference import VariableElimination
from pgmpy.readwrite import BIFReader

from measure import measure

EVIDENCE = {"HRBP": "HIGH", "CVP": "LOW", "BP": "LOW"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    model = BIFReader(options.file).get_model()
    for table in model.get_cpds():
        table.normalize()
    names = [name for name in sorted(model.nodes()) if name not in EVIDENCE]
    elimination = VariableElimination(model)
    state = {"next": 0}

    def query():
        state["next"] += 1
        return elimination.query([names[state["next"] % len(names)]], EVIDENCE, show_progress=False)

    def all_queries():
        return {name: elimination.query([name], EVIDENCE, show_progress=False) for name in names}

    results = {"alarm-query": measure(query, options.seconds), "alarm-marginals": measure(all_queries, options.seconds)}
    posteriors = {
        name: dict(zip(factor.state_names[name], factor.values.tolist())) for name, factor in all_queries().items()
    }
    versions = {"pgmpy": pgmpy.__version__, "python": sys.version.split()[0]}
    print(json.dumps({**versions, "evidence": EVIDENCE, "results": results, "posteriors": posteriors}, indent=1))


if __name__ == "__main__":
    main()
