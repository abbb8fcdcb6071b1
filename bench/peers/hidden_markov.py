"""hmmlearn's side of the workloads hidden-markov/*: 20,000 steps, 8 states, symbols of 16 kinds and vectors of 4 numbers.

    python3 bench/peers/hidden_markov.py [--seconds 5]

Needs hmmlearn (pip install hmmlearn). Prints one JSON document: median and least milliseconds of predict_proba, and of fit
with two expectation passes (n_iter = 2; ours is one round and the likelihood after it).
"""

import argparse
import json

import hmmlearn
import numpy as np
from hmmlearn import hmm

from measure import measure

LENGTH = 20000


def chain(model):
    model.startprob_ = np.full(8, 1 / 8)
    model.transmat_ = np.full((8, 8), 0.05) + 0.6 * np.eye(8)
    return model


def symbols():
    model = chain(hmm.CategoricalHMM(8, n_iter=2, tol=-1e9, init_params="", n_features=16, random_state=1))
    table = np.full((8, 16), 0.05)
    table[np.arange(8), 2 * np.arange(8)] = 0.25
    model.emissionprob_ = table
    return model


def vectors():
    model = chain(hmm.GaussianHMM(8, "full", n_iter=2, tol=-1e9, init_params="", random_state=1))
    model.means_ = ((np.arange(32) * 7) % 11 - 5.0).reshape(8, 4)
    model.covars_ = np.stack([np.full((4, 4), 0.2) + 0.8 * np.eye(4)] * 8)
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    results = {}
    for name, make in (("categorical", symbols), ("gaussian", vectors)):
        x, _ = make().sample(LENGTH)
        one = make()
        results[f"{name}-posterior"] = measure(lambda: one.predict_proba(x), options.seconds)
        results[f"{name}-baum-welch"] = measure(lambda: make().fit(x), options.seconds)
    print(json.dumps({"hmmlearn": hmmlearn.__version__, "results": results}, indent=1))


if __name__ == "__main__":
    main()
