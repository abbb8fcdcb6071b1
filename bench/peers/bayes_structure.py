"""pgmpy's hill climbing on rows written by `sampo bayes sample`, measured as Sampo measures its own.

    sampo bayes sample alarm.bif -n 10000 --seed 0 --out alarm.csv
    sampo bayes learn --data alarm.csv --truth alarm.bif --json
    python bench/peers/bayes_structure.py alarm.csv alarm.bif

Prints one JSON line: structural Hamming distance of the CPDAGs (each pair of nodes that differs counts once), of the DAGs,
edges missing and extra, BIC, and seconds. BIC is that of the rows under maximum likelihood, log L - parameters/2 log N.
"""

import json
import re
import sys
import time

import pandas
import pgmpy
from pgmpy.estimators import HillClimbSearch


def read_edges(path):
    text = open(path).read()
    edges = []
    for child, parents in re.findall(r"probability\s*\(\s*([^\s|)]+)\s*(?:\|\s*([^)]*))?\)", text):
        edges += [(parent.strip(), child) for parent in parents.split(",") if parent.strip()]
    return re.findall(r"variable\s+(\S+)", text), edges


def cpdag(nodes, edges):
    """Marks (a, b) of arrows and lines: skeleton, colliders, Meek's rules 1 to 3."""
    joined = {frozenset(edge) for edge in edges}
    near = lambda a, b: frozenset((a, b)) in joined
    marks = {(a, b) for a, b in edges} | {(b, a) for a, b in edges}
    arrow = lambda a, b: (a, b) in marks and (b, a) not in marks
    line = lambda a, b: (a, b) in marks and (b, a) in marks
    parents = {node: [a for a, b in edges if b == node] for node in nodes}
    for child, above in parents.items():
        for a in above:
            if any(b != a and not near(a, b) for b in above):
                marks.discard((child, a))
    changed = True
    while changed:
        changed = False
        for b in nodes:
            for c in nodes:
                if not line(b, c):
                    continue
                others = [a for a in nodes if a not in (b, c)]
                follows = any(
                    (arrow(a, b) and not near(a, c)) or (arrow(b, a) and arrow(a, c)) for a in others
                ) or any(
                    line(b, a) and arrow(a, c) and line(b, d) and arrow(d, c) and not near(a, d)
                    for a in others for d in others if a < d
                )
                if follows:
                    marks.discard((c, b))
                    changed = True
    return marks


def distance(nodes, one, other):
    return sum(
        ((a, b) in one, (b, a) in one) != ((a, b) in other, (b, a) in other)
        for i, a in enumerate(nodes) for b in nodes[:i]
    )


def bic(rows, nodes, edges):
    import numpy

    total = 0.0
    for node in nodes:
        above = [a for a, b in edges if b == node]
        states = rows[node].nunique()
        cells = 1
        for a in above:
            cells *= rows[a].nunique()
        counts = rows.groupby(above + [node], observed=True).size()
        sums = counts.groupby(level=above).transform("sum") if above else counts.sum()
        total += float((counts * numpy.log(counts / sums)).sum()) - 0.5 * numpy.log(len(rows)) * cells * (states - 1)
    return total


def main():
    rows_file, truth_file = sys.argv[1:3]
    nodes, truth = read_edges(truth_file)
    rows = pandas.read_csv(rows_file, dtype=str, keep_default_na=False)
    started = time.perf_counter()
    found = HillClimbSearch(rows).estimate(scoring_method="bic-d", max_indegree=4, tabu_length=100, show_progress=False)
    seconds = time.perf_counter() - started
    edges = list(found.edges())
    joined, true = {frozenset(e) for e in edges}, {frozenset(e) for e in truth}
    print(json.dumps({
        "peer": f"pgmpy {pgmpy.__version__}",
        "rows": len(rows),
        "shd": distance(nodes, cpdag(nodes, edges), cpdag(nodes, truth)),
        "shdDag": distance(nodes, set(edges), set(truth)),
        "edges": len(edges),
        "missing": len(true - joined),
        "extra": len(joined - true),
        "bic": bic(rows, nodes, edges),
        "seconds": seconds,
    }))


main()
