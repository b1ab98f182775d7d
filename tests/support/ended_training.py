"""What a finished training is known by, beside the tagger that came of it."""

ENDED = {
    "run": "demo",
    "dataset": "demo",
    "data": {"jets": ["a"], "shards": [{"particles": "b"}], "parts": "c"},
    "code": "d",
    "key": "e",
    "jets": {"train": {"quark": 3, "gluon": 4}, "validation": {"quark": 1, "gluon": 0}},
    "device": "cpu",
    "host": "here",
    "slurm_job": None,
    "versions": {"python": "3.12.1"},
    "commit": None,
    "parameters": 10,
    "epochs": 3,
    "best_epoch": 2,
    "seconds": 1.5,
    "jets_per_second": 14.0,
}
