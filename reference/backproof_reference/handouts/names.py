"""What the name of a symbol says: a stem, an accent, subscripts."""

import re
from dataclasses import dataclass

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
"""Greek names and letters."""

ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
"""Accents and the marks that put them over a letter."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A name taken apart; ``below`` are the subscripts."""

    stem: str
    accent: str = ""
    below: tuple[str, ...] = ()

    @property
    def differential(self) -> bool:
        """Whether the stem is a gradient by its name, such as dz."""
        return re.fullmatch(r"d[A-Za-z]", self.stem) is not None


def split(name: str) -> Parts:
    """A name such as ``x_hat``, ``K_H`` or ``q0`` taken apart."""
    stem, *below = name.split("_")
    accent = next((part for part in below if part in ACCENTS), "")
    if accent:
        below.remove(accent)
    if counted := re.fullmatch(r"([A-Za-z]+?)(\d+)", stem):
        stem = counted[1]
        below.insert(0, counted[2])
    return Parts(stem, accent, tuple(below))
