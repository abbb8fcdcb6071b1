"""Golden values of hidden Markov models by hmmlearn, written to tests/golden/hidden-markov.json.

Run: pip install hmmlearn && python scripts/golden/hidden-markov.py

Each case: a start (probabilities rounded to six digits and given exactly), sequences sampled from another model, and of the
start `score` (log-likelihood), `decode` (Viterbi) and `predict_proba` (smoothed posteriors); then the parameters after five
rounds of `fit` from that start, flat priors throughout (covars_prior = 0). Ours must agree to 1e-9 (1 + |value|), fitted
parameters to 1e-8 (1 + |value|).
"""

import json
import pathlib
import warnings

import hmmlearn
import numpy as np
from hmmlearn import hmm

warnings.simplefilter("ignore")
random = np.random.default_rng(7)
LENGTHS = [40, 25]
ROUNDS = 5


def laws(rows, columns, sharp=1.0):
    table = np.round(random.dirichlet(np.full(columns, sharp), rows) * 0.9 + 0.1 / columns, 6)
    table[:, -1] = np.round(1 - table[:, :-1].sum(axis=1), 6)
    return table


def chain(model, states):
    model.startprob_ = laws(1, states)[0]
    model.transmat_ = laws(states, states)
    return model


def case(start, x, extra, lengths=LENGTHS):
    """What hmmlearn says of a start and of five rounds from it."""
    given = {"initial": start.startprob_.tolist(), "transition": start.transmat_.tolist(), **extra(start)}
    log_viterbi, path = start.decode(x, lengths)
    result = {
        "start": given,
        "lengths": lengths,
        "x": np.asarray(x).tolist(),
        "score": start.score(x, lengths),
        "viterbi": log_viterbi,
        "path": path.tolist(),
        "posterior": start.predict_proba(x, lengths).tolist(),
    }
    start.fit(x, lengths)
    result["fitted"] = {"initial": start.startprob_.tolist(), "transition": start.transmat_.tolist(), **extra(start)}
    result["fittedScore"] = start.score(x, lengths)
    return result


def categorical():
    true = chain(hmm.CategoricalHMM(3, random_state=1), 3)
    true.emissionprob_ = laws(3, 4, 0.5)
    x = np.concatenate([true.sample(n)[0] for n in LENGTHS])
    start = chain(hmm.CategoricalHMM(3, n_iter=ROUNDS, tol=-1e9, init_params="", n_features=4), 3)
    start.emissionprob_ = laws(3, 4)
    return case(start, x, lambda m: {"probabilities": m.emissionprob_.tolist()})


def gaussian(kind):
    true = chain(hmm.GaussianHMM(3, "diag", random_state=2), 3)
    true.means_ = np.array([[0.0, 0.0], [2.0, 1.0], [-1.0, 3.0]])
    true.covars_ = np.array([[1.0, 0.5], [0.7, 1.2], [0.4, 0.8]])
    x = np.round(np.concatenate([true.sample(n)[0] for n in LENGTHS]), 6)
    start = chain(
        hmm.GaussianHMM(3, kind, n_iter=ROUNDS, tol=-1e9, init_params="", covars_prior=0, covars_weight=0, min_covar=0), 3
    )
    start.means_ = np.array([[0.5, -0.5], [1.5, 1.5], [-1.5, 2.0]])
    full = np.array([[1.2, 0.3], [0.3, 0.9]])
    start.covars_ = {
        "full": np.stack([full, full * 0.8, full + np.eye(2) * 0.5]),
        "tied": full,
        "diag": np.array([[1.2, 0.9], [0.8, 1.1], [1.5, 0.6]]),
        "spherical": np.array([1.1, 0.9, 1.4]),
    }[kind]

    def extra(m):
        covars = m._covars_ if kind != "spherical" else m._covars_[:, :1] if m._covars_.ndim == 2 else m._covars_
        return {"covariance": kind, "means": m.means_.tolist(), "covariances": np.asarray(covars).ravel().tolist()}

    return case(start, x, extra)


def poisson():
    true = chain(hmm.PoissonHMM(2, random_state=3), 2)
    true.lambdas_ = np.array([[2.0], [9.0]])
    x = np.concatenate([true.sample(n)[0] for n in LENGTHS])
    start = chain(hmm.PoissonHMM(2, n_iter=ROUNDS, tol=-1e9, init_params="", lambdas_prior=0, lambdas_weight=0), 2)
    start.lambdas_ = np.array([[3.0], [6.0]])
    return case(start, x, lambda m: {"rates": m.lambdas_.ravel().tolist()})


def several(model, lengths):
    return np.concatenate([model.sample(n)[0] for n in lengths])


def counts():
    """Two counts a step, three states, four sequences, one of them of a single step."""
    lengths = [30, 1, 12, 20]
    true = chain(hmm.PoissonHMM(3, random_state=4), 3)
    true.lambdas_ = np.array([[1.0, 7.0], [5.0, 0.5], [12.0, 3.0]])
    start = chain(hmm.PoissonHMM(3, n_iter=ROUNDS, tol=-1e9, init_params="", lambdas_prior=0, lambdas_weight=0), 3)
    start.lambdas_ = np.array([[2.0, 4.0], [4.0, 2.0], [8.0, 5.0]])
    return case(start, several(true, lengths), lambda m: {"rates": m.lambdas_.ravel().tolist()}, lengths)


def left_right():
    """A chain that only stays or goes on, with transitions and symbols of probability zero; three sequences."""
    lengths = [20, 9, 15]
    true = hmm.CategoricalHMM(3, random_state=5, n_features=3)
    start = hmm.CategoricalHMM(3, n_iter=ROUNDS, tol=-1e9, init_params="", n_features=3)
    for model, stay in ((true, [0.8, 0.7, 1.0]), (start, [0.6, 0.5, 1.0])):
        model.startprob_ = np.array([1.0, 0.0, 0.0])
        model.transmat_ = np.diag(stay) + np.diag([1 - p for p in stay[:-1]], 1)
    true.emissionprob_ = np.array([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]])
    start.emissionprob_ = np.array([[0.6, 0.4, 0.0], [0.3, 0.4, 0.3], [0.0, 0.4, 0.6]])
    return case(start, several(true, lengths), lambda m: {"probabilities": m.emissionprob_.tolist()}, lengths)


golden = {
    "expression": "score, decode, predict_proba, fit (five rounds, flat priors) of hmmlearn.hmm's models",
    "hmmlearn": hmmlearn.__version__,
    "numpy": np.__version__,
    "categorical": categorical(),
    "gaussian": {kind: gaussian(kind) for kind in ("full", "tied", "diag", "spherical")},
    "poisson": poisson(),
    "counts": counts(),
    "leftRight": left_right(),
}
path = pathlib.Path(__file__).parents[2] / "tests" / "golden" / "hidden-markov.json"
path.write_text(json.dumps(golden) + "\n")
