"""A PostgreSQL server that a test starts, in a folder of its own, behind a socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres():
    """The address of a server that lives as long as this does; skipped by name without one."""
    found = [shutil.which("initdb"), *map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    initdb = next((Path(path) for path in found if path), None)
    if initdb is None:
        pytest.skip("not run: needs PostgreSQL, and there is none here")
    pytest.importorskip("psycopg", reason="not run: needs psycopg, and there is none here")
    folder = Path(tempfile.mkdtemp(prefix="bp-pg-", dir="/tmp"))
    become = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        try:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        except KeyError:
            pytest.skip("not run: PostgreSQL does not run as root, and there is no user for it")
        become = ["runuser", "-u", "postgres", "--"]
    options = ["-D", str(folder / "data"), "-U", "grader", "--auth=trust", "-E", "UTF8"]
    subprocess.run([*become, initdb, *options], check=True, capture_output=True, cwd="/")
    log = (folder / "log").open("wb")
    arguments = ["-D", str(folder / "data"), "-k", str(folder), "-h", "", "-F"]
    command = [*become, initdb.with_name("postgres"), *arguments]
    server = subprocess.Popen(command, cwd="/", stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(100):
            if list(folder.glob(".s.PGSQL.5432")) and _answers(folder):
                break
            time.sleep(0.1)
        yield f"postgresql+psycopg://grader@/postgres?host={folder}"
    finally:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 2)
        server.wait(30)
        log.close()
        shutil.rmtree(folder)


def _answers(folder):
    import psycopg

    try:
        psycopg.connect(host=str(folder), user="grader", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True
