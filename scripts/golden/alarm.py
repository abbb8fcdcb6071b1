"""Golden values for exact inference: tests/golden/alarm.json, from pgmpy's variable elimination.

    python3 scripts/golden/alarm.py path/to/alarm.bif > tests/golden/alarm.json

The rows of the file's tables, rounded to seven digits, are normalised first. Evidence: every seventh variable of one
forward sample, for several samples; every other variable's posterior.
"""

import json
import sys

import numpy
import pgmpy
from pgmpy.inference import VariableElimination
from pgmpy.readwrite import BIFReader
import networkx


def sample(model, random):
    states = {}
    for name in networkx.topological_sort(model):
        table = model.get_cpds(name)
        given = {parent: states[parent] for parent in table.variables[1:]}
        row = table.reduce(list(given.items()), inplace=False) if given else table
        weights = row.get_values().ravel()
        states[name] = table.state_names[name][random.choice(len(weights), p=weights / weights.sum())]
    return states


def main():
    model = BIFReader(sys.argv[1]).get_model()
    for table in model.get_cpds():
        table.normalize()
    random = numpy.random.default_rng(20261121)
    names = sorted(model.nodes())
    cases = []
    for case in range(4):
        states = sample(model, random)
        evidence = {name: states[name] for name in names[case::7]}
        elimination = VariableElimination(model)
        posteriors = {}
        for name in names:
            if name in evidence:
                continue
            factor = elimination.query([name], evidence, show_progress=False)
            posteriors[name] = dict(zip(factor.state_names[name], factor.values.tolist()))
        cases.append({"evidence": evidence, "posteriors": posteriors})
    expression = "VariableElimination(model).query([name], evidence), tables normalised"
    print(json.dumps({"expression": expression, "pgmpy": pgmpy.__version__, "cases": cases}))


if __name__ == "__main__":
    main()
