"""Golden values for tests of independence: tests/golden/independence.json, from SciPy.

    python3 scripts/golden/independence.py > tests/golden/independence.json

Each case is a table of counts [given, a, b]. The statistics of the strata and their degrees of freedom are added, empty
rows and columns of a stratum left out; the p-value is scipy.stats.chi2.sf(statistic, freedom).
"""

import json

import numpy
import scipy
from scipy.stats import chi2, chi2_contingency


def test(table, lambda_):
    statistic, freedom = 0.0, 0
    for stratum in table:
        stratum = stratum[stratum.sum(1) > 0][:, stratum.sum(0) > 0]
        if min(stratum.shape) < 2:
            continue
        result = chi2_contingency(stratum, correction=False, lambda_=lambda_)
        statistic += result.statistic
        freedom += result.dof
    return {"statistic": statistic, "freedom": freedom, "p": float(chi2.sf(statistic, freedom)) if freedom else 1.0}


def main():
    random = numpy.random.default_rng(20261121)
    cases = []
    for given, a, b, size in [(1, 2, 2, 40), (1, 3, 4, 200), (1, 2, 2, 5000), (3, 2, 3, 100), (6, 3, 3, 60), (4, 2, 2, 12)]:
        for dependence in [0.0, 0.5]:
            weights = random.gamma(0.7, size=(given, a, 1)) * random.gamma(0.7, size=(given, 1, b))
            weights = weights + dependence * weights.mean() * random.gamma(0.5, size=(given, a, b))
            table = random.multinomial(size, (weights / weights.sum()).ravel()).reshape(given, a, b)
            cases.append(
                {
                    "shape": [given, a, b],
                    "counts": table.ravel().tolist(),
                    "chi-square": test(table, "pearson"),
                    "g": test(table, "log-likelihood"),
                }
            )
    expression = "chi2_contingency(stratum, correction=False, lambda_='pearson' | 'log-likelihood'), summed; chi2.sf"
    print(json.dumps({"expression": expression, "scipy": scipy.__version__, "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
