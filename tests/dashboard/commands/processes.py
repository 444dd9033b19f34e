"""The command line as a person uses it: real processes with an environment of their own."""

import atexit
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from data.config import PROJECT, Settings

SETTINGS = frozenset(name.upper() for name in Settings.model_fields)
PATIENCE = 120  # seconds that a command may take
PROGRAM = """
import json, os, sys, traceback
from importlib import import_module
from dashboard.__main__ import COMMANDS, main

def child(told):
    os.environ.clear()
    os.environ.update(told["environment"])
    for number, name in ((0, os.devnull), (1, told["out"]), (2, told["err"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
    try:
        main(told["arguments"])
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

for name in COMMANDS:
    import_module(f"dashboard.commands.{name.replace('-', '_')}")
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        child(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
"""Forks a process for every command that it reads, so that the imports are paid once."""


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """This process's environment without its settings, files under a folder, and the settings given.

    A business that begins has no examples unless it is asked for.
    """
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    common = {"VAR_FOLDER": str(folder), "EXAMPLES": "0", "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    return kept | common | settings


@cache
def _forking() -> "subprocess.Popen[str]":
    """The process that starts commands; it ends with this one."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT,
        env=environment(Path()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    atexit.register(process.stdin.close)
    return process


def dashboard(arguments: Sequence[str], folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m dashboard` to its end."""
    process = _forking()
    assert process.stdin
    assert process.stdout
    with tempfile.TemporaryDirectory() as kept:
        out, err = Path(kept, "out"), Path(kept, "err")
        told = {"arguments": list(arguments), "environment": environment(folder, **settings)}
        process.stdin.write(json.dumps({**told, "out": str(out), "err": str(err)}) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            process.kill()
            _forking.cache_clear()
            raise subprocess.TimeoutExpired(list(arguments), PATIENCE)
        code = int(process.stdout.readline())
        return subprocess.CompletedProcess(list(arguments), code, out.read_text(), err.read_text())
