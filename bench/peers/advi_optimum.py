"""The full-rank normal law that maximises the variational bound of the golden logistic regression, with expectations by
16-point Gauss-Hermite quadrature in each of three dimensions and L-BFGS: nothing of it is stochastic.
python bench/peers/advi_optimum.py (numpy, scipy)."""
import json
import pathlib

import numpy as np
from scipy.optimize import minimize

here = pathlib.Path(__file__).resolve().parents[2]
golden = json.loads((here / "tests/golden/mcmc.json").read_text())["logisticRegression"]
X = np.array(golden["x"], dtype=np.float32).astype(float)
y = np.array(golden["y"], dtype=float)
nodes, weights = np.polynomial.hermite_e.hermegauss(16)
weights /= weights.sum()
noise = np.array(np.meshgrid(nodes, nodes, nodes, indexing="ij")).reshape(3, -1).T
mass = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
below = np.tril_indices(3)


def log_density(w):
    logits = w @ X.T
    prior = -0.5 * (w**2).sum(1) / 2.5**2 - 3 * np.log(2.5) - 1.5 * np.log(2 * np.pi)
    return (logits * y - np.logaddexp(0, logits)).sum(1) + prior


def negative_bound(v):
    scale = np.zeros((3, 3))
    scale[below] = v[3:]
    w = v[:3] + noise @ scale.T
    gradient = ((y - 1 / (1 + np.exp(-w @ X.T))) @ X - w / 2.5**2) * mass[:, None]
    bound = mass @ log_density(w) + np.log(np.abs(np.diag(scale))).sum() + 1.5 * (1 + np.log(2 * np.pi))
    return -bound, -np.r_[gradient.sum(0), (gradient.T @ noise + np.diag(1 / np.diag(scale)))[below]]


best = minimize(negative_bound, np.r_[np.zeros(3), 0.5 * np.eye(3)[below]], jac=True, method="L-BFGS-B",
                options=dict(maxiter=2000, ftol=1e-14, gtol=1e-9))
scale = np.zeros((3, 3))
scale[below] = best.x[3:]
print(json.dumps({"elbo": -best.fun, "location": best.x[:3].tolist(), "scale": scale.tolist(),
                  "deviations": np.sqrt(np.diag(scale @ scale.T)).tolist()}))
