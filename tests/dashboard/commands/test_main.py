"""Help, exit codes and settings of the command line."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import COMMANDS, application, main
from data import config
from data.config import PROJECT
from tests.dashboard.commands.processes import dashboard, environment


def plain(text: str) -> str:
    """What a box of Typer's says, on one line."""
    return " ".join(text.replace("│", " ").split())


def test_help_names_every_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboard", "--help"]
    done = subprocess.run(command, cwd=PROJECT, env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    done = CliRunner().invoke(application([name, "run"]), [name, "--help"])
    assert done.exit_code == 0
    assert f"Usage: python -m dashboard {name}" in plain(done.stdout)


def test_unknown_command(tmp_path: Path) -> None:
    assert dashboard(["synchronise"], tmp_path).returncode == 2


WRONG = "sk_live_verysecret"


def said_wrong(code: int, out: str, err: str) -> None:
    assert code == 3
    assert "live key" in err
    assert "verysecret" not in err + out
    assert "Traceback" not in err


def test_wrong_settings_have_their_own_exit_code(tmp_path: Path) -> None:
    done = dashboard(["migrate"], tmp_path, STRIPE_API_KEY=WRONG)
    said_wrong(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("name", ["run", "sync", "doctor", "export", "export-account"])
def test_wrong_settings_stop_every_command(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = {"export": ["arr_now"], "export-account": [str(tmp_path / "out")]}.get(name, [])
    for setting, value in environment(tmp_path, STRIPE_API_KEY=WRONG).items():
        monkeypatch.setenv(setting, value)
    config.use(None)  # read again, whatever an earlier test has left
    with pytest.raises(SystemExit) as ended:
        main([name, *extra])
    said_wrong(int(str(ended.value.code)), *capsys.readouterr())


def test_export_as_of_nonsense(tmp_path: Path) -> None:
    done = dashboard(["export", "arr_now", "--as-of", "yesterday"], tmp_path)
    assert done.returncode == 2
    assert "is not a date" in plain(done.stderr)


def test_migrate_says_what_it_did(tmp_path: Path) -> None:
    assert "Applied 0001" in dashboard(["migrate"], tmp_path).stdout
    assert "Nothing to do" in dashboard(["migrate"], tmp_path).stdout


def test_sandbox_refuses_other_addresses(tmp_path: Path) -> None:
    done = dashboard(["sandbox", "--host", "0.0.0.0", "--port", "0"], tmp_path)
    assert done.returncode == 1
    assert "loopback only" in plain(done.stderr)


def test_a_database_out_of_reach_is_a_sentence(tmp_path: Path) -> None:
    url = "postgresql://reader:verysecret@127.0.0.1:9/none"
    for arguments in (["export", "arr_now"], ["migrate"]):
        done = dashboard(arguments, tmp_path, DATABASE_URL=url)
        assert done.returncode == 1
        assert "Check DATABASE_URL" in done.stderr
        assert "Traceback" not in done.stderr
        assert "verysecret" not in done.stderr


def test_an_export_of_nothing_says_what_to_do(tmp_path: Path) -> None:
    done = dashboard(["export", "arr_now"], tmp_path)
    assert done.returncode == 1
    assert "run python -m dashboard sync first" in done.stderr


def test_folders_that_cannot_be_written_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = dashboard(["migrate"], tmp_path / "file")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "Set VAR_FOLDER" in done.stderr


def test_a_catalogue_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    done = dashboard(["migrate"], tmp_path, CATALOG_FILE=str(tmp_path / "none.toml"))
    assert done.returncode == 3
    assert "cannot be read" in done.stderr
