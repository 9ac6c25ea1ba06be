"""The command ``backproof-prove``."""
