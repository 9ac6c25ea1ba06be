"""Tests on counts with a stated false-fail rate.

Every test here rejects only when Chernoff's bound on the binomial tail is below the rate asked
for, so an honest random layer fails with at most that probability. (The exact tail is smaller
still: the price is about a tenth more samples for the same power, and no dependency.)
"""

from __future__ import annotations

import math

FALSE_FAIL_RATE = 1e-9
"""Chance that a right random layer fails one whole check, all its tests together."""


def divergence(q: float, p: float) -> float:
    """Kullback-Leibler divergence of Bernoulli(q) from Bernoulli(p), in nats."""

    def term(a: float, b: float) -> float:
        return 0.0 if a == 0 else (math.inf if b == 0 else a * math.log(a / b))

    return term(q, p) + term(1 - q, 1 - p)


def count_is_plausible(count: int, trials: int, p: float, rate: float) -> bool:
    """Whether `count` successes of `trials` fit Bernoulli(p), two-sided.

    Rejects iff 2 exp(-trials * KL(count/trials || p)) < rate (Chernoff 1952; Hoeffding 1963,
    theorem 1).
    """
    if trials == 0:
        return True
    return 2 * math.exp(-min(700.0, trials * divergence(count / trials, p))) >= rate


def equal_counts_are_plausible(groups: int, trials: int, p: float, rate: float) -> bool:
    """Whether `groups` independent Binomial(trials, p) counts may all be the same number.

    The largest binomial probability is below 1 / sqrt(2 pi trials p (1-p)) * exp(1/(12 trials
    p (1-p))) by Stirling's formula, and all counts agree with at most its (groups-1)th power.
    """
    spread = trials * p * (1 - p)
    if spread <= 1:
        return True
    largest = min(1.0, math.exp(1 / (12 * spread)) / math.sqrt(2 * math.pi * spread))
    return largest ** (groups - 1) >= rate
