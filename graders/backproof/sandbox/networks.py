"""Our own operations on a student's network (run beside the student's code).

What they report is as untrusted as everything else that comes from this process.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.nn import functional
from torch.nn.parameter import is_lazy

from backproof.model import Call, Fault, Operation, given_weights
from backproof.sandbox import structure
from backproof.sandbox.failure import Failed
from backproof.sandbox.relevance import RELEVANCE, relevance

_LISTS = (Operation.READ, Operation.BUFFERS, Operation.BACKWARD)
"""Operations that return one value for each of the network's parameters or buffers."""

SHOWN = 12
"""Parameters of a network that a sentence lists."""


@contextlib.contextmanager
def working_in(dtype: torch.dtype, restored: bool) -> Iterator[None]:
    """Have networks, and constants inside them, built in `dtype`.

    restored: leave the process's own random numbers as they were, too.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.random.fork_rng(devices=(), enabled=restored):
            yield
    finally:
        torch.set_default_dtype(before)


class Networks:
    """Carries out the operations of one round of calls."""

    def __init__(self, dtype: torch.dtype, device: str) -> None:
        self._dtype, self._device = dtype, device
        self._makers: dict[int, str] = {}
        self._order: dict[int, list[int]] = {}
        """By network: which of its parameters is which of the given ones."""
        self._operations: dict[str, Callable[..., Any]] = {
            Operation.SEED: _seed,
            Operation.TRAIN: self._train,
            Operation.EVAL: self._eval,
            Operation.STRUCTURE: self._structure,
            Operation.LOAD: self._load,
            Operation.FILL: self._fill,
            Operation.RESTORE: self._restore,
            Operation.READ: self._read,
            Operation.KERNELS: self._kernels,
            Operation.BUFFERS: self._buffers,
            Operation.FORWARD: self._forward,
            Operation.BACKWARD: self._backward,
            Operation.SGD: self._sgd,
            Operation.ADAM: self._adam,
            Operation.STEP: self._step,
        }

    def made(self, value: Any, function: str) -> None:
        """Remember which function of the student a kept value comes from."""
        self._makers.setdefault(id(value), function)

    def what(self, arguments: Sequence[Any]) -> str:
        """What an operation works on, in words."""
        maker = self._makers.get(id(arguments[0])) if arguments else None
        return f"the network of `{maker}`" if maker else "the network"

    def perform(self, call: Call, arguments: Sequence[Any]) -> Any:
        """What an operation returns, as a student's function would.

        Raises:
            Failed: the network is none, or does not fit what is given.
        """
        value = self._operations[call.function](*arguments)
        if call.function == Operation.STRUCTURE and {*RELEVANCE} & {*call.returns}:
            value |= relevance(arguments[0], arguments[1:])
        if call.function in _LISTS and len(value) != len(call.returns):
            raise Failed(
                Fault.STRUCTURE,
                f"{self.what(arguments)} has {_listed(arguments[0])}; asked for are "
                f"{len(call.returns)} values: {', '.join(call.returns)}",
            )
        return value

    # --- one method for each operation ----------------------------------------------------------

    def _train(self, value: Any) -> tuple[()]:
        self._network(value).train()
        return ()

    def _eval(self, value: Any) -> tuple[()]:
        self._network(value).eval()
        return ()

    def _structure(self, value: Any, *inputs: Any) -> dict[str, Any]:
        network = self._network(value)
        if inputs:
            network(*inputs)  # so that lazy layers have their shapes
        self._parameters(network)
        return structure.describe(network, inputs)

    def _load(self, value: Any, *weights: torch.Tensor) -> tuple[()]:
        network = self._network(value)
        own = self._registered(network)
        order = _fitting([tuple(w.shape) for w in weights], [tuple(p.shape) for p in own])
        if isinstance(order, str):
            shapes = ", ".join(str(tuple(w.shape)) for w in weights)
            raise Failed(
                Fault.STRUCTURE,
                f"the given weights do not fit {self.what([value])}: {order}. Given are "
                f"{len(weights)} arrays of the shapes {shapes}; yours has {_listed(network)}",
            )
        self._order[id(network)] = order
        with torch.no_grad():
            for place, array in zip(order, weights, strict=True):
                own[place].copy_(array)
        return ()

    def _fill(self, value: Any, seed: int, shapes: Sequence[Sequence[int]]) -> tuple[()]:
        return self._load(value, *map(torch.from_numpy, given_weights(seed, shapes)))

    def _restore(self, value: Any, arrays: dict[str, torch.Tensor]) -> tuple[()]:
        network = self._network(value)
        try:
            network.load_state_dict(arrays)
        except RuntimeError as error:  # torch says which names and shapes do not fit
            said = " ".join(str(error).partition(":")[2].split())
            raise Failed(
                Fault.STRUCTURE,
                f"the weights of your file do not fit {self.what([value])}: {said[:400]}",
            ) from error
        return ()

    def _read(self, value: Any) -> tuple[Any, ...]:
        return tuple(p.detach().clone() for p in self._parameters(self._network(value)))

    def _kernels(self, value: Any) -> torch.Tensor:
        """The weights of the first layer that has a matrix or kernels; none are none."""
        weights = (p for p in self._network(value).parameters() if p.ndim > 1)
        return next(weights, torch.zeros(0)).detach().clone()

    def _buffers(self, value: Any) -> tuple[Any, ...]:
        buffers = self._network(value).buffers()
        return tuple(b.detach().clone() for b in buffers if b.is_floating_point())

    def _forward(self, value: Any, *inputs: Any) -> Any:
        return self._network(value)(*inputs)

    def _backward(self, value: Any, x: torch.Tensor, dout: torch.Tensor) -> tuple[Any, ...]:
        network = self._network(value)
        parameters = self._parameters(network)
        network.zero_grad(set_to_none=True)
        x = x.detach().requires_grad_()
        out = self._output(value, x)
        if out.shape != dout.shape:
            raise Failed(
                Fault.STRUCTURE,
                f"{self.what([value])} returns the shape {tuple(out.shape)} for x of the shape "
                f"{tuple(x.shape)}; {tuple(dout.shape)} is expected",
            )
        out.backward(dout)  # type: ignore[no-untyped-call]
        # What the output does not depend on has no gradient in torch, and the gradient zero.
        return tuple(torch.zeros_like(t) if t.grad is None else t.grad for t in (x, *parameters))

    def _sgd(self, value: Any, lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> Any:
        parameters = self._parameters(self._network(value))
        return torch.optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def _adam(self, value: Any, lr: float, weight_decay: float = 0.0) -> Any:
        parameters = self._parameters(self._network(value))
        return torch.optim.Adam(parameters, lr=lr, weight_decay=weight_decay)

    def _step(
        self, value: Any, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor
    ) -> Any:
        optimizer.zero_grad()
        out = self._output(value, x)
        is_label = not y.is_floating_point()
        expected = (len(y), *out.shape[1:2]) if is_label else tuple(y.shape)
        if tuple(out.shape) != expected or (is_label and out.ndim != 2):
            raise Failed(
                Fault.STRUCTURE,
                f"{self.what([value])} returns the shape {tuple(out.shape)} for x of the shape "
                f"{tuple(x.shape)} and y of the shape {tuple(y.shape)}",
            )
        loss = (functional.cross_entropy if is_label else functional.mse_loss)(out, y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return loss.detach()

    # --- networks and their parameters --------------------------------------------------------

    def _network(self, value: Any) -> torch.nn.Module:
        if not isinstance(value, torch.nn.Module):
            maker = self._makers.get(id(value), "your function")
            what = "None" if value is None else f"a value of type {type(value).__name__}"
            raise Failed(
                Fault.STRUCTURE, f"`{maker}` returned {what}; a torch.nn.Module is asked for"
            )
        return value.to(device=self._device, dtype=self._dtype)

    def _registered(self, network: torch.nn.Module) -> list[torch.nn.Parameter]:
        named = list(network.named_parameters())
        lazy = next((name for name, p in named if is_lazy(p)), None)
        if lazy is not None:
            raise Failed(Fault.STRUCTURE, f"{self.what([network])}: `{lazy}` has no shape yet")
        return [parameter for _, parameter in named]

    def _parameters(self, network: torch.nn.Module) -> list[torch.nn.Parameter]:
        """In the order of the given weights where there were any, else in that of definition."""
        own = self._registered(network)
        order = self._order.get(id(network), range(len(own)))
        return [own[place] for place in order if place < len(own)]

    def _output(self, value: Any, x: torch.Tensor) -> torch.Tensor:
        out = self._network(value)(x)
        if isinstance(out, tuple | list) and len(out) == 1:
            out = out[0]
        if not isinstance(out, torch.Tensor):
            kind = "None: is a `return` missing?" if out is None else type(out).__name__
            raise Failed(Fault.STRUCTURE, f"{self.what([value])} returned {kind}")
        return out


def _seed(seed: int) -> tuple[()]:
    torch.manual_seed(seed)
    return ()


def _fitting(given: list[tuple[int, ...]], own: list[tuple[int, ...]]) -> list[int] | str:
    """For each given shape the place of the parameter that it is for, or why there is none.

    By order; where the orders differ, by shape. Attribute names say nothing.
    """
    if len(given) != len(own):
        return f"there are {len(given)} arrays and {len(own)} parameters"
    if given == own:
        return list(range(len(own)))
    free = list(range(len(own)))
    places = []
    for shape in given:
        place = next((place for place in free if own[place] == shape), None)
        if place is None:
            return f"no parameter is left that has the shape {shape}"
        free.remove(place)
        places.append(place)
    return places


def _listed(network: torch.nn.Module) -> str:
    named = [f"{name} {tuple(p.shape)}" for name, p in network.named_parameters()]
    shown = ", ".join(named[:SHOWN]) + (", ..." if len(named) > SHOWN else "")
    return f"{len(named)} parameters" + (f": {shown}" if named else "")
