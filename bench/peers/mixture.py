"""scikit-learn's side of the workloads mixture/*: one round of expectation-maximisation with ten components.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 bench/peers/mixture.py [--runs 5]

Needs scikit-learn and no PyTorch. Prints one JSON document: seconds and processor seconds of each round.
"""

import argparse
import json
import time

import numpy as np
import sklearn
from sklearn.mixture import GaussianMixture

parser = argparse.ArgumentParser()
parser.add_argument("--runs", type=int, default=5)
options = parser.parse_args()
K = 10
out = {"scikit-learn": sklearn.__version__, "rounds": {}}
for rows, width, covariance in ((60_000, 784, "diag"), (20_000, 64, "full")):
    x = np.random.default_rng(1).standard_normal((rows, width))
    model = GaussianMixture(K, covariance_type=covariance)
    model.weights_ = np.full(K, 1 / K)
    model.means_ = x[:K].copy()
    unit = np.ones((K, width)) if covariance == "diag" else np.tile(np.eye(width), (K, 1, 1))
    model.covariances_, model.precisions_cholesky_ = unit, unit.copy()
    times = []
    for _ in range(options.runs):
        start, cpu = time.perf_counter(), time.process_time()
        _, shares = model._e_step(x)
        model._m_step(x, shares)
        times.append([round(time.perf_counter() - start, 3), round(time.process_time() - cpu, 3)])
    out["rounds"][f"{covariance}-{rows}x{width}"] = times
print(json.dumps(out, indent=1))
