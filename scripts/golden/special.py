"""Golden values of special functions, computed with 40 digits by mpmath; scalars only, written to tests/golden/special.json.

Run: pip install mpmath && python scripts/golden/special.py
"""

import json
import pathlib

import mpmath as mp

mp.mp.dps = 40
POSITIVE = [1e-300, 1e-20, 1e-5, 0.1, 0.5, 0.9, 0.99999, 1.00001, 1.3, 1.4616, 1.999, 2.0001, 2.6, 3.7, 5.5, 7.99, 8, 11, 33.3, 170.5, 1e4, 1e8, 1e16, 1e100]
SIGNED = [-30, -6, -2, -1, -0.7, -1e-3, -1e-12, 1e-300, 1e-9, 0.01, 0.3, 0.49, 0.7, 0.9999, 1.0001, 1.5, 2, 3, 4.7, 6.2, 6.4, 10, 20, 26]


def lower_gamma(a, x):
    """Positive terms only."""
    term = 1 / a
    total = term
    n = 1
    while term > total * mp.mpf(10) ** -38:
        term *= x / (a + n)
        total += term
        n += 1
    return total * mp.exp(a * mp.log(x) - x - mp.loggamma(a))


def upper_gamma(a, x):
    if x < 2 or x < a:
        with mp.workdps(80 if x < a else 50):
            return 1 - lower_gamma(mp.mpf(a), mp.mpf(x)) if x >= 2 else mp.gammainc(a, x, mp.inf, regularized=True)
    # continued fraction, from the tail
    steps = int(2000 + 40 * mp.sqrt(a))
    value = mp.mpf(0)
    for n in range(steps, 0, -1):
        value = n * (a - n) / (x + 2 * n + 1 - a + value)
    return mp.exp(a * mp.log(x) - x - mp.loggamma(a)) / (x + 1 - a + value)


def lower_beta(a, b, x):
    """x^a y^b / (a B) 2F1(a + b, 1; a + 1; x): positive terms only."""
    term = mp.mpf(1)
    total = term
    n = 0
    while term > total * mp.mpf(10) ** -38 or n < (b * x):
        term *= (a + b + n) / (a + 1 + n) * x
        total += term
        n += 1
    return total * mp.exp(a * mp.log(x) + b * mp.log1p(-x) - mp.log(a) - log_beta(a, b))


def log_beta(a, b):
    with mp.workdps(80):
        return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


SHAPES = [1e-6, 0.01, 0.3, 1, 2.5, 11, 12, 40, 333, 5000, 1e5]
FACTORS = [1e-6, 0.01, 0.29, 0.31, 0.7, 0.97, 1, 1.01, 1.3, 2.3, 2.4, 6, 30]
gamma_points = [(a, a * f) for a in SHAPES for f in FACTORS if a * f < 3e5 and (a < 1e4 or 0.5 < f < 1.4)]
gamma_points += [(a, x) for a in (0.001, 0.1, 1.7) for x in (0.2, 1.05, 1.2, 50, 600)]
PAIRS = [(0.01, 0.02), (0.3, 0.7), (0.5, 40), (1, 1), (2.5, 3.5), (7, 9), (8, 30), (0.5, 2000), (40, 60), (300, 2), (1000, 1500)]
beta_points = []
for a, b in PAIRS:
    mean = a / (a + b)
    for x in (mean * 1e-4, mean * 0.1, mean * 0.6, mean * 0.95, mean, min(mean * 1.05, 1 - (1 - mean) * 0.9), 1 - (1 - mean) * 0.6, 1 - (1 - mean) * 0.1):
        beta_points.append((a, b, float(x)))

m = mp.mpf
functions = {
    "logGamma": [(x, mp.loggamma(m(x))) for x in POSITIVE],
    "digamma": [(x, mp.digamma(m(x))) for x in POSITIVE],
    "trigamma": [(x, mp.psi(1, m(x))) for x in POSITIVE if 1e-150 < x < 1e100],
    "erf": [(x, mp.erf(m(x))) for x in SIGNED],
    "erfc": [(x, mp.erfc(m(x))) for x in SIGNED],
    "logErfc": [(x, mp.log1p(-mp.erf(m(x))) if x < 1 else mp.log(mp.erfc(m(x)))) for x in SIGNED + [100, 1e5]],
    "logBeta": [(a, b, log_beta(m(a), m(b))) for a in (1e-10, 0.2, 1, 3.3, 9, 400, 1e7) for b in (0.5, 7.7, 8.1, 1e3, 1e5, 1e10)],
    "logChoose": [(n, k, -mp.log(m(n) + 1) - log_beta(m(k) + 1, m(n) - k + 1)) for n, k in ((5, 2), (52, 5), (1000, 1), (1000, 500), (1e6, 3), (1e9, 4e8))],
    "log1pmx": [(x, mp.log1p(m(x)) - m(x)) for x in (-0.9999, -0.5, -0.39, -0.1, -1e-9, 1e-12, 0.01, 0.3, 0.59, 0.61, 5, 1e9)],
    "log1mexp": [(x, mp.log1p(-mp.exp(m(x))) if x < -1 else mp.log(-mp.expm1(m(x)))) for x in (-1e-300, -1e-9, -0.5, -0.7, -3, -40, -700)],
    "inverseErf": [(y, mp.erfinv(m(y))) for y in (-0.99, -0.5, -1e-7, 1e-30, 0.001, 0.3, 0.51, 0.9, 1 - 2**-50)],
    "inverseErfc": [(q, mp.findroot(lambda t: mp.log(mp.erfc(t)) - mp.log(m(q)), mp.sqrt(-mp.log(m(q))) if q < 0.9 else 0)) for q in (1e-300, 1e-100, 1e-20, 1e-5, 0.1, 0.49, 0.51, 0.9, 1.2, 1.9)],
    "gammaP": [(a, x, lower_gamma(m(a), m(x))) for a, x in gamma_points],
    "gammaQ": [(a, x, upper_gamma(m(a), m(x))) for a, x in gamma_points],
    "betaI": [(a, b, x, lower_beta(m(a), m(b), m(x))) for a, b, x in beta_points],
}


if __name__ == "__main__":
    rows = {name: [[float(v) for v in row] for row in table] for name, table in functions.items()}
    out = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "special.json"
    text = {"made by": f"scripts/golden/special.py, mpmath {mp.__version__}, 40 digits; each row: arguments, value", **rows}
    body = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in text.items())
    out.write_text("{\n" + body + "\n}\n")
    print({k: len(v) for k, v in rows.items()})
