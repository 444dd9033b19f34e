"""What deploy/ starts is what the command line has, with settings that there are."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dashboard.__main__ import COMMANDS
from data.config import Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
SETTINGS = {name.upper() for name in Settings.model_fields}
OTHERS = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "HOME", "FORWARDED_ALLOW_IPS"}  # Python's, uvicorn's


def test_the_image_runs_a_command_as_nobody_special() -> None:
    image = (DEPLOY / "Dockerfile").read_text()
    command = re.search(
        r'^ENTRYPOINT \[".venv/bin/python", "-m", "dashboard"\]\nCMD \["([a-z]+)"\]', image, re.M
    )
    assert command
    assert command[1] in COMMANDS
    assert re.search(r"^USER (?!root)", image, re.M)
    named = re.findall(r"([A-Z_]+)=", re.search(r"^ENV (.*)$", image, re.M)[1])  # type: ignore[index]
    assert set(named) <= SETTINGS | OTHERS
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", image, re.M)
    assert all((ROOT / name).exists() for line in copied for name in line.split())
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    assert all(f"!{name}" in allowed for line in copied for name in line.split())


def test_the_image_is_written_as_hadolint_wants_it() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_only_the_proxy_is_reachable() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    app = services["app"]
    assert app["read_only"] is True
    assert app["cap_drop"] == ["ALL"]
    assert set(app["environment"]) <= SETTINGS | OTHERS
    assert services["database"]["networks"] == ["inner"]
    proxied = (DEPLOY / "Caddyfile").read_text()
    assert "reverse_proxy app:8501" in proxied
    assert services["proxy"]["networks"]["outer"]["ipv4_address"] == app["environment"]["FORWARDED_ALLOW_IPS"]


def test_the_unit_is_one_that_systemd_knows(tmp_path: Path) -> None:
    unit = (DEPLOY / "operations.service").read_text()
    command = re.search(r"^ExecStart=/opt/operations/\.venv/bin/python -m dashboard (\w+)$", unit, re.M)
    assert command
    assert command[1] in COMMANDS
    named = re.findall(r"([A-Z_]+)=", re.search(r"^Environment=(.*)$", unit, re.M)[1])  # type: ignore[index]
    assert set(named) <= SETTINGS | OTHERS
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here")
    there = tmp_path / "operations.service"
    there.write_text(unit.replace("/opt/operations/.venv/bin/python", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(there)], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "operations.service" in line] == []


def test_the_documents_name_commands_that_there_are() -> None:
    for file in ROOT.glob("docs/*.md"):
        named = re.findall(r"python -m dashboard ([a-z-]+)", file.read_text())
        assert set(named) <= set(COMMANDS), file
