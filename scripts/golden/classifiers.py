"""Golden values of naive Bayes and logistic regression by scikit-learn on sets of the UCI repository, fitted to all rows
(optdigits: to its training rows, and seen on its test rows); written to tests/golden/classifiers.json.

Run: pip install scikit-learn && SAMPO_DATA=folder python scripts/golden/classifiers.py
"""

import csv
import json
import os
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

warnings.simplefilter("error", ConvergenceWarning)
FOLDER = pathlib.Path(os.environ["SAMPO_DATA"]) / "uci"


def numbers(file, target, drop=()):
    rows = [row for row in csv.reader(open(FOLDER / file)) if row]
    width = len(rows[0])
    inputs = [i for i in range(width) if i != target and i not in drop]
    return np.array([[float(row[i]) for i in inputs] for row in rows]), np.array([row[target] for row in rows])


def rounded(values):
    return [float(v) for v in np.asarray(values).ravel()]


def finite(value):
    """None where a probability was rounded to zero."""
    return float(value) if np.isfinite(value) else None


def judged(model, x, y):
    """What is compared: probabilities of some rows, their joint log-likelihoods, accuracy and log-loss on all."""
    shares = model.predict_proba(x)
    with np.errstate(divide="ignore"):
        log = model.predict_log_proba(x)
    places = [int(i) for i in np.linspace(0, len(x) - 1, 7)]
    truth = np.searchsorted(model.classes_, y)
    found = {
        "rows": places,
        "probabilities": [rounded(shares[i]) for i in places],
        "accuracy": float(model.score(x, y)),
        "logLoss": finite(-np.mean(log[np.arange(len(y)), truth])),
    }
    if hasattr(model, "predict_joint_log_proba"):
        joint = model.predict_joint_log_proba(x)
        found["joint"] = [rounded(joint[i]) for i in places]
    return found


def naive(expression, model, x, y, test=None, **more):
    model.fit(x, y)
    return {"expression": expression, **judged(model, *(test or (x, y))), **more}


def logistic(expression, model, x, y, scale=True, test=None):
    scaler = StandardScaler(with_mean=scale, with_std=scale).fit(x)
    model.fit(scaler.transform(x), y)
    tx, ty = test or (x, y)
    deviation = np.where(scaler.scale_ is None, 1, scaler.scale_) if scale else np.ones(x.shape[1])
    weight = model.coef_ / deviation
    bias = model.intercept_ - (weight @ scaler.mean_ if scale else 0)
    return {
        "expression": expression,
        "weight": rounded(weight.T),
        "bias": rounded(bias),
        **judged(model, scaler.transform(tx), ty),
    }


iris = numbers("iris.csv", 4)
wine = numbers("wine.csv", 13)
wdbc = numbers("wdbc.data", 1, drop=(0,))
spam = numbers("spambase.data", 57)
digits = numbers("optdigits.tra", 64)
digits_test = numbers("optdigits.tes", 64)

exact = {"tol": 1e-13, "max_iter": 500, "solver": "newton-cholesky"}
sparse = {"tol": 1e-13, "max_iter": 1_000_000, "solver": "saga", "l1_ratio": 1, "random_state": 0}
out = {"version": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}"}

out["gaussian"] = {
    "iris": naive("GaussianNB()", GaussianNB(), *iris),
    "wine": naive("GaussianNB()", GaussianNB(), *wine),
    "wdbc": naive("GaussianNB()", GaussianNB(), *wdbc),
    "spambase": naive("GaussianNB(priors=[.5, .5], var_smoothing=1e-6)", GaussianNB(priors=[0.5, 0.5], var_smoothing=1e-6), *spam),
    "optdigits": naive("GaussianNB(var_smoothing=1e-3)", GaussianNB(var_smoothing=1e-3), *digits, test=digits_test),
}
out["multinomial"] = {
    "optdigits": naive("MultinomialNB(alpha=0.5)", MultinomialNB(alpha=0.5), *digits, test=digits_test),
    "spambase": naive("MultinomialNB()", MultinomialNB(), *spam),
}
out["complement"] = {
    "optdigits": naive("ComplementNB()", ComplementNB(), *digits, test=digits_test),
    "normed": naive("ComplementNB(alpha=0.3, norm=True)", ComplementNB(alpha=0.3, norm=True), *digits, test=digits_test),
}
out["bernoulli"] = {
    "spambase": naive("BernoulliNB()", BernoulliNB(), *spam),
    "optdigits": naive("BernoulliNB(alpha=0.1, binarize=7)", BernoulliNB(alpha=0.1, binarize=7), *digits, test=digits_test),
}

GAPS = {"", "?", "nan"}
rows = [[cell.strip("'") for cell in row] for row in csv.reader(open(FOLDER / "breast-cancer.csv")) if row]
rows = [row for row in rows if not GAPS & set(row)]
names = np.array([row[:-1] for row in rows])
recurs = np.array([row[-1] for row in rows])
codes = OrdinalEncoder().fit_transform(names)
out["categorical"] = {"breast-cancer": naive("CategoricalNB(alpha=0.7, fit_prior=False)", CategoricalNB(alpha=0.7, fit_prior=False), codes, recurs)}

out["logistic"] = {
    "iris": logistic("LogisticRegression() without scaling", LogisticRegression(**exact), *iris, scale=False),
    "wine": logistic("LogisticRegression(C=10) after StandardScaler()", LogisticRegression(C=10, **exact), *wine),
    "wdbc": logistic("LogisticRegression() after StandardScaler()", LogisticRegression(**exact), *wdbc),
    "spambase": logistic("LogisticRegression(C=0.3) after StandardScaler()", LogisticRegression(C=0.3, **exact), *spam),
    "spambase unpenalised": logistic("LogisticRegression(C=inf) after StandardScaler()", LogisticRegression(C=np.inf, **exact), *spam),
    "optdigits": logistic("LogisticRegression(C=0.01) after StandardScaler()", LogisticRegression(C=0.01, **exact), *digits, test=digits_test),
}
encoder = OneHotEncoder(drop="if_binary", sparse_output=False).fit(names)
out["logistic"]["breast-cancer"] = logistic(
    "LogisticRegression(C=2) after OneHotEncoder(drop='if_binary')", LogisticRegression(C=2, **exact), encoder.transform(names), recurs, scale=False
)
out["lasso"] = {
    "wdbc": logistic("LogisticRegression(l1_ratio=1, solver='saga') after StandardScaler()", LogisticRegression(**sparse), *wdbc),
    "iris": logistic("LogisticRegression(l1_ratio=1, C=0.5, solver='saga') after StandardScaler()", LogisticRegression(C=0.5, **sparse), *iris),
    "breast-cancer": logistic(
        "LogisticRegression(l1_ratio=1, C=0.4, solver='saga') after OneHotEncoder(drop='if_binary')",
        LogisticRegression(C=0.4, **sparse), encoder.transform(names), recurs, scale=False,
    ),
}
path = pathlib.Path(__file__).parent.parent.parent / "tests" / "golden" / "classifiers.json"
path.write_text(json.dumps(out, indent=1).replace("\n    ", " ").replace("\n   ]", "]") + "\n")
print(path, path.stat().st_size)
