"""A place with things that must not be touched, and one run in which everything is graded."""

from __future__ import annotations

import ctypes
import dataclasses
import importlib.util
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from backproof.answer_key import AnswerKey
from backproof.fence import fence
from backproof.grading import grade
from backproof.loading import find_submissions, read_submission
from backproof.model import Assignment, Limits, Report, Submission, Visibility
from backproof.reporting import junit_xml, report_json, summary_line, text_report
from backproof.sandbox import Isolated

HERE = Path(__file__).parent
TOKEN_STARTS = "bpcanary"
ENVIRONMENT = "BACKPROOF_CANARY"
STRAY_KEY = 0x00BAC0DE
LIMITS = Limits(load_seconds=6.0, call_seconds=4.0, submission_seconds=60.0, memory_bytes=1 << 29)
_READ_OR_CHANGED = 0x1 | 0x2 | 0x4 | 0x20  # access, modify, attributes, open
_ADDED_OR_REMOVED = 0x40 | 0x80 | 0x100 | 0x200


def load(name: str) -> Any:
    """A module of the tests that lies beside them."""
    path = HERE / f"{name}.py" if (HERE / f"{name}.py").exists() else HERE.parent / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"tamper_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Canaries:
    """A secret file, a token in the environment, sockets and a process, all of them watched."""

    def __init__(self, folder: Path) -> None:
        self.token = TOKEN_STARTS + secrets.token_hex(8)
        self.stray = f"backproof-stray-{secrets.token_hex(4)}"
        self.folder = folder / "canaries"
        self.folder.mkdir()
        self.secret = self.folder / "secret"
        self.other = self.folder / "other" / "first_layers.py"
        self.other.parent.mkdir()
        for file in (self.secret, self.other):
            file.write_text(self.token)
        self.before = self._state()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(self.listener.getsockname())
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind(f"\0{self.stray}-canary")
        self.abstract.listen()
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.free_port = unused.getsockname()[1]
        environment = {"TOKEN": self.token, "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(["sleep", "3600"], env=environment)
        self.priority = os.getpriority(os.PRIO_PROCESS, self.process.pid)
        libc = ctypes.CDLL(None)
        self.watcher = libc.inotify_init1(os.O_NONBLOCK)
        for file in (self.secret, self.other):
            for watched, events in ((file, _READ_OR_CHANGED), (file.parent, _ADDED_OR_REMOVED)):
                assert libc.inotify_add_watch(self.watcher, os.fsencode(watched), events) >= 0

    def _state(self) -> dict[str, tuple[object, ...]]:
        found = sorted(self.folder.rglob("*"))
        stats = [(path, path.stat()) for path in found]
        return {
            str(path): (s.st_mode, s.st_uid, s.st_mtime_ns, s.st_nlink, s.st_ino)
            for path, s in stats
        }

    def touched(self) -> list[str]:
        """What was read, changed, reached or ended, in words."""
        found = []
        try:
            names = os.read(self.watcher, 1 << 16)
            found.append(f"a file was opened or changed: {names!r}")
        except BlockingIOError:
            pass
        if self._state() != self.before:
            found.append(f"files are not what they were: {self._state()}")
        for sock in (self.listener, self.abstract, self.datagrams):
            sock.setblocking(False)
            try:
                sock.recv(1) if sock is self.datagrams else sock.accept()
                found.append(f"somebody reached {sock}")
            except BlockingIOError:
                pass
        if self.process.poll() is not None:
            found.append("the foreign process was ended")
        elif os.getpriority(os.PRIO_PROCESS, self.process.pid) != self.priority:
            found.append("the foreign process was slowed down")
        return found

    def strays(self) -> list[str]:
        """What hostile submissions have left behind on this machine."""
        places = ("/tmp", "/var/tmp", "/dev/shm", "/", str(Path.home()), os.getcwd())
        found = [
            os.path.join(place, name)
            for place in places
            for name in os.listdir(place)
            if self.stray in name
        ]
        shared = Path("/proc/sysvipc/shm")
        lines = shared.read_text().splitlines()[1:] if shared.exists() else []
        found += [f"segment {line}" for line in lines if int(line.split()[0]) == STRAY_KEY]
        if f"@{self.stray}\n" in Path("/proc/net/unix").read_text():
            found.append("an abstract socket")
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", self.free_port)) == 0:
                found.append("a listening socket")
        return found

    def close(self) -> None:
        for sock in (self.listener, self.abstract, self.datagrams):
            sock.close()
        os.close(self.watcher)
        self.process.kill()
        self.process.wait()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one hostile submission and of the honest one after it."""

    points: float
    text: str
    shown: str
    broken: str
    left_alive: tuple[str, ...]


class Course:
    """One run: a warm parent, an answer key, and everything graded in it, each thing once."""

    def __init__(
        self,
        first_layers: Assignment,
        solution: str,
        canaries: Canaries,
        folder: Path,
        least: str | None = None,
        namespaces: bool = True,
    ) -> None:
        self.canaries = canaries
        self._assignment, self._solution, self._folder = first_layers, solution, folder
        self.runner = Isolated(LIMITS, least=least, namespaces=namespaces)
        # Unconfined, the corpus would really do what it tries.
        assert "seccomp" in self.runner.isolation, self.runner.isolation
        assert "landlock" in self.runner.isolation, self.runner.isolation
        self._key = AnswerKey("tamper")
        self._corpora = load("corpora")
        self._prelude = (HERE / "prelude.py").read_text("utf-8")
        self._outcomes: dict[str, Outcome] = {}
        self._inputs = self._public_inputs()
        self._own = self._scratch()
        fence().start()  # which marks typed answers, and is ours
        self._own_processes = set(children_of("self"))
        self.where = self._where()

    def _public_inputs(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        wanted = ("batchnorm_inference", "expected_gram", "weight_noise_loss", "dropout_ridge")
        for problem in self._assignment.problems:
            for check in problem.checks:
                if not check.probe.calls or check.probe.calls[0].function not in wanted:
                    continue
                call = check.probe.calls[0]
                for case in check.cases:
                    if case.visibility is Visibility.PUBLIC:
                        inputs = self._key.case_key(problem, check, case).inputs
                        given = [inputs[name] for name in call.takes if name in inputs]
                        plain = [v.tolist() if hasattr(v, "tolist") else v for v in given]
                        found.setdefault(call.function, []).append(plain)
        assert found.keys() == set(wanted)
        return found

    def _where(self) -> dict[str, Any]:
        canaries = self.canaries
        return {
            "secret": str(canaries.secret),
            "folder": str(canaries.folder),
            "other student": str(canaries.other),
            "submission folder": str(self._folder),
            "checks": str(HERE.parents[1] / "assignments" / "bank" / "batchnorm" / "problem.py"),
            "home": str(Path.home()),
            "environment": ENVIRONMENT,
            "token starts with": TOKEN_STARTS,
            "grader": os.getpid(),
            "foreign process": canaries.process.pid,
            "port": canaries.listener.getsockname()[1],
            "free port": canaries.free_port,
            "abstract socket": f"{canaries.stray}-canary",
            "stray name": canaries.stray,
            "stray key": STRAY_KEY,
            "public inputs": self._inputs,
        }

    # --- grading ------------------------------------------------------------------------------

    def text_submission(self, entry: Any) -> Outcome:
        """A submission of the corpus, graded."""
        if entry.name not in self._outcomes:
            prelude = f"WHERE = {self.where!r}\n{self._prelude}"
            path = self._corpora.hand_in(entry, self._solution, self._folder, prelude)
            self._outcomes[entry.name] = self._graded(lambda: [read_submission(path)])
            path.unlink()
        return self._outcomes[entry.name]

    def class_folder(self, name: str, make: Any) -> Outcome:
        """What one student hands in, in a folder beside an honest student's."""
        if name not in self._outcomes:
            root = self._folder / f"class_{name}"
            student = root / "eve"
            student.mkdir(parents=True)
            make(student, self.where)
            honest = root / "zoe" / "first_layers.py"
            honest.parent.mkdir()
            honest.write_text(self._solution)
            self._outcomes[name] = self._graded(
                lambda: [
                    found
                    for found in find_submissions(root, "first_layers")
                    if found.path.parent != honest.parent
                ]
            )
            assert honest.read_text() == self._solution
        return self._outcomes[name]

    def _graded(self, read: Any) -> Outcome:
        broken, reports = "", []
        try:
            reports = [self._grade(submission) for submission in read()]
            if any(report.grader_failed for report in reports):
                broken = "the grader itself failed: " + "; ".join(
                    result.remark
                    for report in reports
                    for result in report.results
                    if result.remark
                )
        except Exception as error:  # whatever it is, a submission has broken the run
            broken = f"grading raised {error!r}"
        honest = self._grade(
            Submission(name="honest", path=Path("h.py"), digest="", cells=(self._solution,))
        )
        if honest.points != honest.max_points:
            broken += f"; the next honest submission got {honest.points}"
        return Outcome(
            points=sum(report.points for report in reports),
            text=everything_in(reports),
            shown=shown_to_people(reports),
            broken=broken,
            left_alive=self._left_alive(),
        )

    def _grade(self, submission: Submission) -> Report:
        return grade(self._assignment, submission, self.runner, self._key)

    @property
    def profile(self) -> str:
        """Which layers hold: a fresh process for each submission has the same ones."""
        return self.runner.profile.removeprefix("cold, ")

    def _left_alive(self) -> tuple[str, ...]:
        if self.runner._parent is None:  # each submission has one of its own
            return tuple(sorted(set(children_of("self")) - self._own_processes))
        pid = str(self.runner._parent.pid)
        if self.runner.profile == "full":  # the launcher and the keeper of the namespaces wait
            for _ in range(2):
                (pid,) = children_of(pid)
        return (*children_of(pid), *sorted(self._scratch() - self._own))

    def _scratch(self) -> set[str]:
        if self.runner._parent is None:
            return set()
        return set(map(str, self.runner._parent._scratch_root.iterdir()))


def children_of(pid: str) -> list[str]:
    pid = str(os.getpid()) if pid == "self" else pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def shown_to_people(reports: list[Report]) -> str:
    """The reports in every format that is read on a screen."""
    ElementTree.fromstring(junit_xml(reports))
    parts = [text_report(report) + summary_line(report) for report in reports]
    return "\n".join([junit_xml(reports), *parts])


def everything_in(reports: list[Report]) -> str:
    """All that the reports hold."""
    parts = [
        f"{result.observed}\n{result.printed}\n{result.remark}\n{result.evidence}"
        for report in reports
        for result in report.results
    ]
    parts += [f"{report.points:g} {report.fault}" for report in reports]
    parts += report_json(reports)
    return "\n".join(parts)


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canaries]:
    made = Canaries(tmp_path_factory.mktemp("place"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def courses(
    first_layers: Assignment,
    solution: str,
    canaries: Canaries,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Course]]:
    """A course of each profile, made when it is first needed."""
    made: dict[str, Course] = {}
    how: dict[str, dict[str, Any]] = {"full": {}, "base": {"namespaces": False}}
    how["cold"] = {"least": "cold"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENVIRONMENT, canaries.token)
        patch.setenv("BACKPROOF_SECRET", canaries.token)

        def of(profile: str) -> Course:
            if profile not in made:
                folder = tmp_path_factory.mktemp(f"submitted {profile}")
                made[profile] = Course(first_layers, solution, canaries, folder, **how[profile])
            return made[profile]

        yield of
        for course in made.values():
            course.runner.close()


@pytest.fixture(scope="module")
def course(courses: Callable[[str], Course]) -> Course:
    """The strongest profile of this machine."""
    return courses("full")


@pytest.fixture(scope="session")
def corpus() -> Mapping[str, Any]:
    """Both corpora's readers, for tests that want all of it."""
    return {"corpora": load("corpora"), "handed_in": load("handed_in")}
