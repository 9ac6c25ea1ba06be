"""Within a run over a class: what nbgrader does anew for each look into the gradebook, done once.

The outcome is the same. Opening a gradebook is looking for all of its tables, and nbgrader opens it
about ten times for each submission; a cell's metadata are held against a schema that is itself
checked, each time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

import jsonschema
from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import common
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import scoped_session, sessionmaker


@contextmanager
def opened_once() -> Iterator[None]:
    """Within it, a gradebook that is opened again needs no new connection and no look for tables.

    It has a session of its own, as before.
    """
    with ExitStack() as stack:
        engines: dict[tuple[str, str], Engine] = {}

        class Reopened(Gradebook):  # type: ignore[misc]  # nbgrader is untyped
            def __init__(
                self, db_url: str, course_id: str = "default_course", authenticator: Any = None
            ) -> None:
                place = (db_url, course_id)
                if place not in engines:
                    Gradebook(db_url, course_id, authenticator).close()
                    engines[place] = create_engine(db_url, future=True, pool_pre_ping=True)
                    stack.callback(engines[place].dispose)
                self.engine = engines[place]
                session = sessionmaker(autoflush=True, bind=self.engine, future=True)
                self.db = scoped_session(session)
                self.course_id, self.authenticator = course_id, authenticator

            def close(self) -> None:
                self.db.remove()

        for name, module in list(sys.modules.items()):
            if not name.startswith(("nbgrader.", "backproof.")) or name in (__name__, api.__name__):
                continue
            if vars(module).get("Gradebook") is Gradebook:
                stack.enter_context(_instead(module, "Gradebook", Reopened))
        stack.enter_context(_instead(common, "jsonschema", SimpleNamespace(validate=_validate)))
        yield


@contextmanager
def _instead(module: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


_known: list[tuple[Any, Any]] = []


def _validate(instance: Any, schema: Any) -> None:
    """`jsonschema.validate`, but a schema that is known to be right is not checked again."""
    validator = next((found for known, found in _known if known == schema), None)
    if validator is None:
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        validator = kind(schema)
        _known.append((schema, validator))
    error = jsonschema.exceptions.best_match(validator.iter_errors(instance))
    if error is not None:
        raise error
