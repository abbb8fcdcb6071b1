"""scikit-learn's side of the workload pca: 50 principal components of MNIST's 60,000 training images of 784 pixels.

    python3 bench/peers/pca.py path/to/train-images-idx3-ubyte.gz [--runs 3]

Needs scikit-learn and no PyTorch. Prints one JSON document: seconds of each solver that scikit-learn would choose, and the
explained variances, for comparison with ours.
"""

import argparse
import gzip
import json
import time

import numpy as np
import sklearn
from sklearn.decomposition import PCA

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--runs", type=int, default=3)
options = parser.parse_args()
opened = gzip.open if options.file.endswith(".gz") else open
with opened(options.file, "rb") as stream:
    pixels = np.frombuffer(stream.read(), np.uint8, offset=16).reshape(-1, 784)
x = pixels.astype(np.float32) / 255
out = {"scikit-learn": sklearn.__version__, "images": len(x), "results": {}}
for solver in ("auto", "covariance_eigh", "randomized"):
    times = []
    for _ in range(options.runs):
        start = time.perf_counter()
        cpu = time.process_time()
        fitted = PCA(50, svd_solver=solver, random_state=0).fit(x)
        times.append([round(time.perf_counter() - start, 3), round(time.process_time() - cpu, 3)])
    out["results"][solver] = {"seconds, CPU seconds": times, "variances": fitted.explained_variance_[[0, 1, 9, 49]].tolist(), "share": float(fitted.explained_variance_ratio_.sum())}
print(json.dumps(out, indent=1))
