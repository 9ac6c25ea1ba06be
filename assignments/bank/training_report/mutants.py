"""Logs that no run has produced, and claims against one's own numbers."""

from backproof import Mutant

WRITE_UP = "a homework write-up, question 4"
NAMES = (
    "sizes", "base_log", "base_gap", "batchnorm_log", "batchnorm_gap", "batchnorm_train",
    "batchnorm_test", "dropout_log", "dropout_gap", "dropout_train", "dropout_test",
)  # fmt: skip


def _says(id: str, misconception: str, change: str, *killed_by: str, source: str = "") -> Mutant:
    """The reference's report with a change to `found`, its values by name."""
    return Mutant(
        id=id,
        of="training_report",
        misconception=misconception,
        killed_by=killed_by,
        source=source,
        code=f"""
        def training_report(right=training_report):
            found = dict(zip({NAMES!r}, right()))
            {change}
            return found
        """,
    )


_NO_WHOLE = "an accuracy of yours is no whole number of images: no run gives it"
MUTANTS = (
    _says(
        "fractions_for_percent",
        "your accuracies are fractions; they are asked for in percent",
        "found['base_log'] = found['base_log'] / 100",
        "base_log",
        "base_gap",
        "batchnorm_train",
        "batchnorm_test",
    ),
    _says(
        "collapsed",
        "your base network gives about one class for all images",
        "found['base_log'] = found['base_log'][:, :1] * torch.tensor([1.0, 0.0]) + "
        "torch.tensor([0.0, 36 / 359 * 100], dtype=torch.float64)",
        "base_log",
        "base_gap",
        "batchnorm_train",
        "batchnorm_test",
    ),
    *(
        _says(
            f"invented_{run}",
            _NO_WHOLE,
            f"found['{run}_log'] = found['{run}_log'] + "
            "torch.tensor([[0.0, 0.0417], [0, 0], [0, 0], [0, 0]])",
            f"{run}_log",
        )
        for run in ("base", "batchnorm", "dropout")
    ),
    *(
        _says(
            f"gap_turned_round_{run}",
            "your gap is test less training accuracy; it is training less test",
            f"found['{run}_gap'] = -found['{run}_gap']",
            f"{run}_gap",
        )
        for run in ("base", "batchnorm", "dropout")
    ),
    _says(
        "gap_of_another_run",
        "your gap is that of the network before",
        "found['dropout_gap'] = found['batchnorm_gap']",
        "dropout_gap",
    ),
    _says(
        "gap_rounded_up",
        "your gap is rounded up: 0.0244 points are 0 as a whole number",
        "found['base_gap'] = 1",
        "base_gap",
    ),
    _says(
        "batchnorm_cost_training_accuracy",
        "your logs show the opposite change of the training accuracy",
        "found['batchnorm_train'] = 'fell'",
        "batchnorm_train",
    ),
    _says(
        "batchnorm_changed_nothing",
        "your logs show a change of the test accuracy",
        "found['batchnorm_test'] = 'same'",
        "batchnorm_test",
    ),
    _says(
        "both_fell_back",
        "you say that both accuracies fell back; by your logs one of them rose",
        "found['dropout_train'] = found['dropout_test'] = 'fell'",
        "dropout_train",
        source=f"{WRITE_UP}c: both fell, while the test accuracy rose from 65.04 to 65.73",
    ),
    _says(
        "dropout_helped",
        "you say that the test accuracy rose; by your logs it fell",
        "found['dropout_test'] = 'rose'",
        "dropout_test",
    ),
)
