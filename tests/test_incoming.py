"""Files on their way in: nothing of them stays behind, whatever kills the process that works with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from starlette.testclient import TestClient

from etl.doctor import Gravity
from etl.doctor.folders import look_at_folders
from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from warehouse.incoming import incoming_folder, leftovers
from warehouse.settings import Home

#: Works with a file until it is killed.
WORKS = """
import sys, time
from pathlib import Path
from warehouse.incoming import incoming_folder
from warehouse.settings import Home
with incoming_folder(Home(Path(sys.argv[1]))) as folder:
    (folder / "于都县_2024-03.csv").write_text("身份证号")
    print("ready", flush=True)
    time.sleep(600)
"""


def told(home: Home) -> Gravity:
    """What the doctor says of uploads."""
    (finding,) = (each for each in look_at_folders(home) if each.subject == "uploads")
    return finding.gravity


def files(home: Home) -> list[str]:
    return [path.name for path in home.incoming.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_what_a_killed_process_left_is_removed_and_what_is_at_work_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", WORKS, tmp_path], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with TestClient(create_app(home, ApiSettings())):
            assert (files(home), told(home)) == (["于都县_2024-03.csv"], Gravity.FINE)
        process.kill()
    assert (len(leftovers(home)), told(home)) == (1, Gravity.NOTE)
    with TestClient(create_app(home, ApiSettings())):
        assert [*home.incoming.iterdir()] == []
    assert told(home) == Gravity.FINE


def test_nothing_stays_when_the_work_ends(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with incoming_folder(home) as folder:
        assert (folder.stat().st_mode & 0o777, folder.parent.stat().st_mode & 0o777) == (0o700, 0o700)
        (folder / "a.csv").write_text("a")
    assert [*home.incoming.iterdir()] == []
