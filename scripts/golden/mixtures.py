"""Golden values of mixtures, kernel density and factor models by scikit-learn on sets of the UCI repository, fitted to all
rows; written to tests/golden/mixtures.json. Mixtures begin at means, precisions and weights that are written here.

Run: pip install scikit-learn && SAMPO_DATA=folder python scripts/golden/mixtures.py
"""

import csv
import json
import os
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.decomposition import PCA, FactorAnalysis, FastICA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import KernelDensity

warnings.simplefilter("ignore", ConvergenceWarning)
FOLDER = pathlib.Path(os.environ["SAMPO_DATA"]) / "uci"


def numbers(file, target, drop=()):
    rows = [row for row in csv.reader(open(FOLDER / file)) if row]
    inputs = [i for i in range(len(rows[0])) if i != target and i not in drop]
    x = np.array([[float(row[i]) for i in inputs] for row in rows])
    return (x - x.mean(0)) / x.std(0)


sets = {"iris": numbers("iris.csv", 4), "wine": numbers("wine.csv", 13), "wdbc": numbers("wdbc.data", 1, drop=(0,))[:, :10]}
flat = lambda v: [float(f"{x:.15g}") for x in np.asarray(v).ravel()]
out = {"version": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "data": "columns with mean 0 and deviation 1 (ddof 0); wdbc: the first ten"}

K = 3
KINDS = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}


def start(x, kind):
    """Three rows as means, unit precisions."""
    D = x.shape[1]
    precisions = {"full": np.array([np.eye(D)] * K), "tied": np.eye(D), "diagonal": np.ones((K, D)), "spherical": np.ones(K)}[kind]
    n = len(x)
    return {"weights_init": np.full(K, 1 / K), "means_init": x[[5, n // 2, n - 5]], "precisions_init": precisions}


out["mixture"] = {}
for name, x in sets.items():
    out["mixture"][name] = {}
    for ours, theirs in KINDS.items():
        model = GaussianMixture(K, covariance_type=theirs, tol=0, max_iter=25, **start(x, ours)).fit(x)
        out["mixture"][name][ours] = {
            "expression": f"GaussianMixture(3, covariance_type='{theirs}', tol=0, max_iter=25) from rows 5, n//2, n-5",
            "weights": flat(model.weights_), "means": flat(model.means_), "covariances": flat(model.covariances_),
            "score": flat(model.score_samples(x[:7])), "bic": model.bic(x), "aic": model.aic(x),
        }

out["variational"] = {}
for name in ("iris", "wine"):
    x = sets[name]
    for prior, concentration in (("dirichlet_process", 0.1), ("dirichlet_distribution", 0.1)):
        for kind in ("full", "diag", "tied", "spherical"):
            n = len(x)
            resp = np.zeros((n, 5))
            resp[np.arange(n), np.arange(n) * 5 // n] = 1
            model = BayesianGaussianMixture(n_components=5, covariance_type=kind, weight_concentration_prior_type=prior, weight_concentration_prior=concentration, tol=0, max_iter=30)
            model._initialize_parameters = lambda X, random_state, xp=None, model=model, resp=resp: model._initialize(X, resp)
            model.fit(x)
            out["variational"][f"{name} {prior} {kind}"] = {
                "expression": f"BayesianGaussianMixture(5, covariance_type='{kind}', weight_concentration_prior_type='{prior}', weight_concentration_prior=0.1, tol=0, max_iter=30) from fifths of the rows",
                "weights": flat(model.weights_), "means": flat(model.means_), "covariances": flat(model.covariances_), "bound": float(np.ravel(model.lower_bound_)[0]),
            }

out["kernel"] = {}
for name, x in sets.items():
    for kernel in ("gaussian", "epanechnikov"):
        h = 0.5 if kernel == "gaussian" else 4.0
        out["kernel"][f"{name} {kernel}"] = {
            "expression": f"KernelDensity(kernel='{kernel}', bandwidth={h})", "bandwidth": h,
            "score": flat(KernelDensity(kernel=kernel, bandwidth=h, rtol=0, atol=0).fit(x).score_samples(x[:7] + 0.1)),
        }

out["pca"], out["ppca"], out["factor"], out["ica"] = {}, {}, {}, {}
for name, x in sets.items():
    pca = PCA(3, svd_solver="full").fit(x)
    out["pca"][name] = {"expression": "PCA(3, svd_solver='full')", "components": flat(pca.components_), "variances": flat(pca.explained_variance_), "shares": flat(pca.explained_variance_ratio_), "codes": flat(pca.transform(x[:5]))}
    # greatest likelihood divides by n: rows scaled so that its n - 1 does the same
    scaled = x * np.sqrt((len(x) - 1) / len(x))
    ml = PCA(3, svd_solver="full").fit(scaled)
    ml.mean_ = x.mean(0)
    out["ppca"][name] = {"expression": "PCA(3, svd_solver='full').score_samples, variances divided by n", "score": flat(ml.score_samples(x[:7])), "noise": float(ml.noise_variance_)}
    fa = FactorAnalysis(2, svd_method="lapack", tol=0, max_iter=200).fit(x)
    out["factor"][name] = {"expression": "FactorAnalysis(2, svd_method='lapack', tol=0, max_iter=200)", "loss": float(-fa.loglike_[-1] / len(x)), "noise": flat(fa.noise_variance_), "score": flat(fa.score_samples(x[:7]))}
    ica = FastICA(2, whiten="unit-variance", fun="logcosh", tol=1e-12, max_iter=5000, random_state=0, whiten_solver="eigh").fit(x)
    out["ica"][name] = {"expression": "FastICA(2, whiten='unit-variance', fun='logcosh', tol=1e-12, max_iter=5000, random_state=0, whiten_solver='eigh')", "components": flat(ica.components_)}

path = pathlib.Path(__file__).parent.parent.parent / "tests" / "golden" / "mixtures.json"
path.write_text(json.dumps(out, indent=1).replace("\n    ", " ").replace("\n   ]", "]") + "\n")
print(path, path.stat().st_size)
