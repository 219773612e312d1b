"""Writes rliable.json: what the package rliable says of some numbers.

    python3 -m venv venv && venv/bin/pip install rliable==1.2.0 'pandas<3'
    venv/bin/python export_rliable.py
"""

import json
import pathlib

import numpy as np
from rliable import library, metrics

RESAMPLES = 200
REPS = 20_000
FEWER_REPS = 5_000  # the test of Mann and Whitney is slow


def scores():
    rng = np.random.RandomState(7)
    ties = rng.randint(0, 4, size=(9, 2)).astype(float)
    return {
        "ten_runs": (rng.normal(0.5, 0.3, (10, 1)), rng.normal(0.2, 0.4, (7, 1))),
        "four_tasks": (rng.standard_cauchy((10, 4)), rng.normal(0, 1, (10, 4))),
        "ties": (ties, np.roll(ties, 2, axis=0)),
        "equal": (ties, ties),
        "three_runs": (rng.normal(0, 1, (3, 1)), rng.normal(1, 1, (3, 1))),
    }


def interval(score_list, function, reps):
    """The arguments are kept apart, so that a pair is resampled independently."""
    np.random.seed(0)
    given = {"case": score_list[0] if len(score_list) == 1 else list(score_list)}
    _, intervals = library.get_interval_estimates(
        given, lambda *a: np.array([function(*a)]), reps=reps
    )
    return intervals["case"][:, 0].tolist()


def resampled(x):
    """Index arrays `[runs][tasks]` as rliable draws them, with the IQM of each."""
    np.random.seed(1)
    bootstrap = library.StratifiedBootstrap(x)
    indices, estimates = [], []
    for _ in range(RESAMPLES):
        index = bootstrap.update_indices()
        indices.append(np.broadcast_to(index[0], x.shape).tolist())
        estimates.append(float(metrics.aggregate_iqm(x[index])))
    low, high = np.percentile(estimates, [2.5, 97.5])
    return {"indices": indices, "iqm": estimates, "interval": [low, high]}


def case(x, y):
    thresholds = np.linspace(-1.0, 3.0, 9)
    np.random.seed(2)
    profile, profile_interval = library.create_performance_profile({"x": x}, thresholds, reps=FEWER_REPS)
    return {
        "x": x.T.tolist(),
        "y": y.T.tolist(),
        "mean": metrics.aggregate_mean(x),
        "sd_ddof1": np.std(x.ravel(), ddof=1),
        "iqm": metrics.aggregate_iqm(x),
        "iqm_interval": interval([x], metrics.aggregate_iqm, REPS),
        "improvement": metrics.probability_of_improvement(x, y),
        "improvement_interval": interval([x, y], metrics.probability_of_improvement, FEWER_REPS),
        "thresholds": thresholds.tolist(),
        "profile": profile["x"].tolist(),
        "profile_interval": profile_interval["x"].tolist(),
        "resampled": resampled(x),
    }


def main():
    cases = {name: case(x, y) for name, (x, y) in scores().items()}
    text = json.dumps(cases, separators=(",", ":"), default=float)
    (pathlib.Path(__file__).parent / "rliable.json").write_text(text + "\n")


main()
