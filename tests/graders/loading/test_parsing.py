"""Python text is parsed by several graders of one process at a time."""

import gc
import inspect
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from backproof.loading.parsing import parsed

TEXT = inspect.getsource(textwrap)


@pytest.fixture
def other_threads_run() -> Iterator[None]:
    """While a tree is built, garbage is collected again and again, and somebody else's turn comes."""

    def give_way(phase: str, info: object) -> None:
        time.sleep(0)

    thresholds = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(50)
    yield
    gc.callbacks.remove(give_way)
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("other_threads_run")
def test_several_threads_may_parse_at_once() -> None:
    """Plain `ast.parse` raises SystemError here before CPython 3.11.8 and 3.12.2."""
    with ThreadPoolExecutor(4) as threads:
        trees = list(threads.map(parsed, [TEXT] * 20))
    assert len({len(tree.body) for tree in trees}) == 1
