"""Golden values for the samplers: python scripts/golden/mcmc.py > tests/golden/mcmc.json (arviz-stats, scipy, numpy)."""

import json

import arviz_stats
import numpy as np
import scipy
from arviz_stats.base import array_stats
from scipy import integrate

rng = np.random.default_rng(7)


def autoregressive(chains, draws, rho, shifts):
    x = np.zeros((chains, draws))
    for c in range(chains):
        value = rng.normal()
        for t in range(draws):
            value = rho * value + np.sqrt(1 - rho**2) * rng.normal()
            x[c, t] = value + shifts[c]
    return np.round(x, 6)


def diagnostics(x):
    stats = {
        "rhat": array_stats.rhat(x, method="rank"),
        "essBulk": array_stats.ess(x, method="bulk"),
        "essTail": array_stats.ess(x, method="tail", prob=(0.05, 0.95)),
        "essMean": array_stats.ess(x, method="mean"),
        "mcseMean": array_stats.mcse(x, method="mean"),
        "mcseStdDev": array_stats.mcse(x, method="sd"),
        "ebfmi": array_stats.bfmi(x),
    }
    return {"draws": x.tolist(), **{name: np.asarray(value).tolist() for name, value in stats.items()}}


def pareto(log_ratios):
    # arviz takes log likelihoods and negates them
    weights, k = array_stats.psislw(-log_ratios)
    return {"logRatios": log_ratios.tolist(), "k": float(k), "logWeights": np.asarray(weights).tolist()}


def leave_one_out():
    log_likelihood = np.round(-0.5 * rng.normal(size=(400, 5)) ** 2 * np.array([0.3, 0.6, 1.0, 1.5, 2.5]), 6)
    rows = [array_stats.loo(log_likelihood[:, i][None, :]) for i in range(5)]
    return {
        "logLikelihood": log_likelihood.tolist(),
        "pointwise": [float(row[0]) for row in rows],
        "k": [float(row[1]) for row in rows],
    }


def eight_schools():
    """mu ~ N(0, 5), tau ~ half-Cauchy(5), theta_j ~ N(mu, tau), y_j ~ N(theta_j, sigma_j): given tau all is normal."""
    y = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    sigma = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])

    def given(tau):
        variance = sigma**2 + tau**2
        precision = 1 / 25 + np.sum(1 / variance)
        mean = np.sum(y / variance) / precision
        log = -0.5 * np.sum(np.log(variance)) - 0.5 * np.log(precision)
        log += -0.5 * np.sum(y**2 / variance) + 0.5 * precision * mean**2 - np.log1p((tau / 5) ** 2)
        shrink = tau**2 / variance
        theta = shrink * y + (1 - shrink) * mean
        spread = (1 - shrink) ** 2 / precision + shrink * sigma**2
        return np.exp(log + 30), mean, 1 / precision, theta, spread

    def expect(f):
        # tau = e^t on a fine grid: the trapezoid rule converges exponentially
        t = np.linspace(-18, 12, 6001)
        values = np.array([given(np.exp(s))[0] * np.exp(s) * f(np.exp(s)) for s in t])
        return np.trapezoid(values, t)

    total = expect(lambda tau: 1.0)
    mean = lambda f: expect(f) / total
    moments = {}
    mu = mean(lambda tau: given(tau)[1])
    moments["mu"] = [mu, np.sqrt(mean(lambda tau: given(tau)[2] + given(tau)[1] ** 2) - mu**2)]
    tau1 = mean(lambda tau: tau)
    moments["tau"] = [tau1, np.sqrt(mean(lambda tau: tau**2) - tau1**2)]
    for j in range(8):
        first = mean(lambda tau: given(tau)[3][j])
        second = mean(lambda tau: given(tau)[4][j] + given(tau)[3][j] ** 2)
        moments[f"theta[{j}]"] = [first, np.sqrt(second - first**2)]
    return {"y": y.tolist(), "sigma": sigma.tolist(), "moments": moments}


def logistic_regression():
    """weights ~ N(0, 2.5), y ~ Bernoulli(sigmoid(x w)): trapezoid rule on 81^3 points, whitened at the mode."""
    n = 60
    x = np.column_stack([np.ones(n), np.round(rng.normal(size=(n, 2)), 2)])
    y = (rng.random(n) < 1 / (1 + np.exp(-x @ np.array([0.5, 1.2, -0.8])))).astype(float)

    def log_joint(w):
        logits = w @ x.T
        return np.sum(y * logits - np.logaddexp(0, logits), axis=-1) - 0.5 * np.sum((w / 2.5) ** 2, axis=-1)

    mode = scipy.optimize.minimize(lambda w: -log_joint(w), np.zeros(3), tol=1e-12).x
    p = 1 / (1 + np.exp(-x @ mode))
    hessian = (x * (p * (1 - p))[:, None]).T @ x + np.eye(3) / 2.5**2
    factor = np.linalg.cholesky(np.linalg.inv(hessian))
    axis = np.linspace(-8, 8, 81)
    z = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    w = mode + z @ factor.T
    log = np.concatenate([log_joint(part) for part in np.array_split(w, 40)])
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = weight @ w
    covariance = (w - mean).T @ ((w - mean) * weight[:, None])
    evidence = np.log(np.exp(log - log.max()).sum() * (axis[1] - axis[0]) ** 3 * np.linalg.det(factor)) + log.max()
    evidence -= 1.5 * np.log(2 * np.pi) + 3 * np.log(2.5)
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "mean": mean.tolist(),
        "covariance": covariance.tolist(),
        "logEvidence": float(evidence),
    }


import scipy.optimize  # noqa: E402

print(
    json.dumps(
        {
            "madeBy": f"scripts/golden/mcmc.py, arviz-stats {arviz_stats.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
            "mixing": diagnostics(autoregressive(4, 60, 0.3, [0, 0, 0, 0])),
            "apart": diagnostics(autoregressive(4, 61, 0.6, [0, 0.5, 0, 1.5])),
            "ties": diagnostics(np.round(autoregressive(2, 80, -0.4, [0, 0]))),
            "pareto": {
                "light": pareto(np.round(0.3 * rng.normal(size=200), 6)),
                "heavy": pareto(np.round(2.0 * rng.exponential(size=200), 6)),
            },
            "leaveOneOut": leave_one_out(),
            "eightSchools": eight_schools(),
            "logisticRegression": logistic_regression(),
        }
    )
)
