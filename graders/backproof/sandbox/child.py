"""The life of one forked child: confine itself, say so, serve, end."""

from __future__ import annotations

import os
import random
import socket

import numpy as np
import torch

from backproof.sandbox import layers, wire, worker


def live(sock_fd: int, plan: layers.Plan) -> None:
    """Never returns."""
    code = layers.NOT_SET_UP
    try:
        layers.detach(sock_fd, plan)
        sock = socket.socket(fileno=layers.SOCKET)
        _hello(sock, plan)
        code = layers.LOST_CONNECTION
        worker.serve(sock, worker.Worker(isolated=True, reply_bytes=plan.limits.reply_bytes))
        code = 0
    finally:
        # Not sys.exit: nothing that a student registered to run at the end may run.
        os._exit(code)


def _hello(sock: socket.socket, plan: layers.Plan) -> None:
    try:
        names = layers.confine(plan)
        _start_afresh()
        if plan.on_cuda:
            # The context's start-up is ours to pay, before the student's clock runs.
            torch.zeros(1, device=plan.device).sum().item()
        body: dict[str, object] = {"layers": list(names)}
    except Exception as error:  # reported to the grader, which raises it
        body = {"failed": f"{type(error).__name__}: {error}"[:1000]}
    wire.transmit(sock, 0, wire.pack(body, 0))


def _start_afresh() -> None:
    worker.ACTIVE = True
    # Threads in a forked child fail at random unless the pool is set up anew.
    torch.set_num_threads(1)
    # Every child of one parent would draw the same numbers otherwise.
    torch.seed()
    np.random.seed()
    random.seed()
