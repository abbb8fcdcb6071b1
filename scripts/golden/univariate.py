"""Golden values of laws of one number: log-densities by mpmath (30 digits), tails by scipy.stats, of counts by sums.

One file a family: tests/golden/univariate/<family>.json with about 1,000 points [x, log p, P(X <= x), P(X > x)], from the
bulk to tails of 1e-290, in blocks of one set of parameters, and the moments scipy gives.
Run: pip install scipy mpmath && python scripts/golden/univariate.py [family ...]
"""

import json
import pathlib
import sys
import warnings

import mpmath as mp
import numpy as np
import scipy
from scipy import stats as st

mp.mp.dps = 30
warnings.simplefilter("ignore")
L, G = mp.log, mp.loggamma
half_log_2pi = mp.log(2 * mp.pi) / 2


def log_beta(a, b):
    return G(a) + G(b) - G(a + b)


def choose(n, k):
    return G(n + 1) - G(k + 1) - G(n - k + 1)


def power(k, p):
    return mp.mpf(0) if k == 0 else k * L(p)


FAMILIES = {
    # name: (parameters, scipy law, log-density)
    "normal": ([dict(mean=0, stdDev=1), dict(mean=-3, stdDev=0.2), dict(mean=1e3, stdDev=50)], lambda mean, stdDev: st.norm(mean, stdDev), lambda x, mean, stdDev: -(((x - mean) / stdDev) ** 2) / 2 - L(stdDev) - half_log_2pi),
    "logNormal": ([dict(mean=0, stdDev=1), dict(mean=2, stdDev=0.1), dict(mean=-1, stdDev=3)], lambda mean, stdDev: st.lognorm(stdDev, scale=np.exp(mean)), lambda x, mean, stdDev: -(((L(x) - mean) / stdDev) ** 2) / 2 - L(stdDev) - half_log_2pi - L(x)),
    "uniform": ([dict(low=0, high=1), dict(low=-3, high=5), dict(low=100, high=100.5)], lambda low, high: st.uniform(low, high - low), lambda x, low, high: -L(high - low)),
    "laplace": ([dict(mean=0, scale=1), dict(mean=-3, scale=0.2), dict(mean=10, scale=50)], lambda mean, scale: st.laplace(mean, scale), lambda x, mean, scale: -abs(x - mean) / scale - L(2 * scale)),
    "logistic": ([dict(mean=0, scale=1), dict(mean=-3, scale=0.2), dict(mean=10, scale=50)], lambda mean, scale: st.logistic(mean, scale), lambda x, mean, scale: -(x - mean) / scale - 2 * mp.log1p(mp.exp(-(x - mean) / scale)) - L(scale)),
    "exponential": ([dict(rate=1), dict(rate=1e-3), dict(rate=40)], lambda rate: st.expon(scale=1 / rate), lambda x, rate: L(rate) - rate * x),
    "gamma": ([dict(concentration=a, rate=r) for a, r in ((0.05, 1), (0.7, 3), (1, 2), (3.3, 0.5), (14, 1), (200, 10), (5000, 2))], lambda concentration, rate: st.gamma(concentration, scale=1 / rate), lambda x, concentration, rate: concentration * L(rate) - G(concentration) + (concentration - 1) * L(x) - rate * x),
    "chiSquare": ([dict(freedom=f) for f in (1, 2, 7.5, 100)], lambda freedom: st.chi2(freedom), lambda x, freedom: -(freedom / 2) * L(2) - G(freedom / 2) + (freedom / 2 - 1) * L(x) - x / 2),
    "inverseGamma": ([dict(concentration=a, scale=s) for a, s in ((0.7, 3), (2.5, 2), (14, 1), (200, 10))], lambda concentration, scale: st.invgamma(concentration, scale=scale), lambda x, concentration, scale: concentration * L(scale) - G(concentration) - (concentration + 1) * L(x) - scale / x),
    "beta": ([dict(a=a, b=b) for a, b in ((0.1, 0.2), (0.5, 0.5), (1, 3), (2.5, 7), (30, 12), (0.5, 400), (2000, 1000))], lambda a, b: st.beta(a, b), lambda x, a, b: (a - 1) * L(x) + (b - 1) * mp.log1p(-x) - log_beta(a, b)),
    "studentT": ([dict(freedom=f, location=m, scale=s) for f, m, s in ((1, 0, 1), (0.4, 0, 1), (2.5, 3, 0.5), (7, 0, 1), (30, -1, 2), (1000, 0, 1))], lambda freedom, location, scale: st.t(freedom, location, scale), lambda x, freedom, location, scale: -log_beta(freedom / 2, mp.mpf(1) / 2) - L(freedom) / 2 - L(scale) - (freedom + 1) / 2 * mp.log1p(((x - location) / scale) ** 2 / freedom)),
    "lomax": ([dict(concentration=a, scale=s) for a, s in ((0.7, 3), (2.5, 2), (30, 10))], lambda concentration, scale: st.lomax(concentration, scale=scale), lambda x, concentration, scale: L(concentration / scale) - (concentration + 1) * mp.log1p(x / scale)),
    "poisson": ([dict(rate=r) for r in (1e-3, 0.7, 3.2, 20, 150, 900, 5000)], lambda rate: st.poisson(rate), lambda k, rate: k * L(rate) - rate - G(k + 1)),
    "bernoulli": ([dict(probability=p) for p in (1e-12, 0.2, 0.5, 0.75)], lambda probability: st.bernoulli(probability), lambda k, probability: power(k, probability) + power(1 - k, 1 - probability)),
    "binomial": ([dict(trials=n, probability=p) for n, p in ((5, 0.3), (40, 0.5), (100, 1e-3), (300, 0.97), (4000, 0.2), (20000, 1e-3))], lambda trials, probability: st.binom(trials, probability), lambda k, trials, probability: choose(trials, k) + power(k, probability) + power(trials - k, 1 - probability)),
    "geometric": ([dict(probability=p) for p in (0.9, 0.3, 0.01, 1e-4)], lambda probability: st.geom(probability, -1), lambda k, probability: L(probability) + power(k, 1 - probability)),
    "negativeBinomial": ([dict(successes=r, probability=p) for r, p in ((1, 0.4), (0.2, 0.1), (3.5, 0.9), (20, 0.3), (90, 0.5))], lambda successes, probability: st.nbinom(successes, probability), lambda k, successes, probability: G(k + successes) - G(successes) - G(k + 1) + successes * L(probability) + power(k, 1 - probability)),
    "betaBinomial": ([dict(trials=n, a=a, b=b) for n, a, b in ((5, 2, 3), (30, 0.5, 0.5), (200, 30, 10), (80, 3, 1), (300, 4, 90))], lambda trials, a, b: st.betabinom(trials, a, b), lambda k, trials, a, b: choose(trials, k) + log_beta(k + a, trials - k + b) - log_beta(a, b)),
    "categorical": ([dict(probabilities=p) for p in ([0.5, 0.25, 0.25], [1e-10, 0.3, 0, 0.7 - 1e-10])], lambda probabilities: st.rv_discrete(values=(range(len(probabilities)), probabilities)), lambda k, probabilities: L(probabilities[int(k)]) if probabilities[int(k)] else mp.mpf("-inf")),
}

SUMMED = ["poisson", "negativeBinomial", "betaBinomial"]


def places(law, discrete, count):
    third = count // 3
    low = law.ppf(np.logspace(-290, -1.3, third))
    middle = law.ppf(np.linspace(0.05, 0.95, count - 2 * third))
    high = law.isf(np.logspace(-1.3, -290, third))
    found = [float(f"{x:.5g}") for x in np.concatenate([low, middle, high]) if np.isfinite(x)]
    if discrete:
        found = [round(x) for x in found] + list(range(0, 12))
    ends = law.support()
    return sorted({x for x in found if (ends[0] <= x <= ends[1] if discrete else ends[0] < x < ends[1]) and abs(x) < 1e290})


def rounded(value):
    return float(f"{float(value):.16g}") if np.isfinite(float(value)) else None


def sums(exact, log_density, points, last):
    """P(X <= k) and P(X > k) at whole numbers, by adding up probabilities with 30 digits."""
    top, p = max(points), []
    while len(p) <= min(top + 30, last) or (len(p) <= last and p[-1] > p[min(top + 1, last)] * mp.mpf(10) ** -25):
        p.append(mp.exp(log_density(mp.mpf(len(p)), **exact)))
    lower, upper, total = {}, {}, mp.mpf(0)
    for k, q in enumerate(p):
        total += q
        lower[k] = total
    total = mp.mpf(0)
    for k in range(len(p) - 1, -1, -1):
        upper[k] = total
        total += p[k]
    return lower, upper


def block(parameters, make, log_density, count, summed):
    law = make(**parameters)
    discrete = hasattr(law.dist, "pmf") if hasattr(law, "dist") else True
    exact = {k: [mp.mpf(p) for p in v] if isinstance(v, list) else mp.mpf(v) for k, v in parameters.items()}
    at = places(law, discrete, count)
    points = [[x, rounded(log_density(mp.mpf(x), **exact)), rounded(law.cdf(x)), rounded(law.sf(x))] for x in at]
    if summed:
        lower, upper = sums(exact, log_density, at, law.support()[1])
        points = [[x, log, rounded(lower[x]), rounded(upper[x])] for x, log, _, _ in points]
    moments = [rounded(v) for v in law.stats(moments="mvsk")]
    return {"parameters": parameters, "moments": moments, "entropy": rounded(law.entropy()), "points": points}


if __name__ == "__main__":
    folder = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "univariate"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (sets, make, log_density) in FAMILIES.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        blocks = [block(p, make, log_density, 1000 // len(sets), name in SUMMED) for p in sets]
        head = f"scripts/golden/univariate.py: log-densities by mpmath {mp.__version__}, tails (of counts by sums with mpmath), moments (mean, variance, skewness, excess kurtosis) and entropy by scipy.stats {scipy.__version__}"
        text = {"made by": head, "family": name, "blocks": blocks}
        (folder / f"{name}.json").write_text(json.dumps(text, separators=(",", ":")).replace('{"parameters', '\n{"parameters') + "\n")
        print(name, sum(len(b["points"]) for b in blocks), flush=True)
