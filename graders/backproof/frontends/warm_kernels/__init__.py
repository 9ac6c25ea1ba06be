"""Kernels that start warm, for notebooks that nbgrader runs itself.

In `nbgrader_config.py`:

    from backproof.frontends.warm_kernels import use_warm_kernels
    use_warm_kernels(c)

A kernel is then forked from a process that has imported torch already. That gives speed, and no
isolation whatever: submissions run with the rights of whoever grades, as in any kernel.
"""

from __future__ import annotations

import os
from typing import Any

NAME = "backproof-warm"
"""Of the provisioner, among the entry points of jupyter_client."""

__all__ = ["NAME", "use_warm_kernels"]


def use_warm_kernels(c: Any) -> None:
    """Make the kernels that this command starts warm, where their kernelspec does not say how.

    c: the configuration object of `nbgrader_config.py`.
    """
    os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = NAME
    if "shutdown_kernel" not in c.Execute:  # or it is the instructor's own choice
        c.Execute.shutdown_kernel = "immediate"
