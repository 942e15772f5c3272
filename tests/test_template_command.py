"""The command that writes forms: where they go, what it replaces, which calls are wrong.

What belongs here: files, messages and exit codes of ``union7510 template``. What does not: the form.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from etl.cli.main import command
from etl.template import file_name
from tests.support.templates import MONTH, NAME, UNIT, made
from warehouse.catalog import load_catalog


def call(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["template", *map(str, arguments)])


@pytest.mark.parametrize("name", ["360731", "于都县", "于都", "Yudu"])
def test_one_form_for_a_unit_by_any_of_its_names(name: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "form.xlsx"
    result = call("--unit", name, "--period", "2024年3月", "-o", path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert str(path) in result.stderr
    assert path.read_bytes() == made()


def test_a_folder_takes_the_form_under_its_usual_name(tmp_path: Path) -> None:
    assert call("--unit", UNIT, "--period", "2024-03", "-o", tmp_path).exit_code == 0
    assert (tmp_path / NAME).read_bytes() == made()


def test_forms_of_all_units_of_a_month(tmp_path: Path) -> None:
    result = call("--all", "--period", "2024-03", "-o", tmp_path / "forms")
    assert result.exit_code == 0
    assert "20 forms for 2024-03" in result.stderr
    filing = [unit for unit in load_catalog().units if unit.files]
    written = {path.name: path.read_bytes() for path in (tmp_path / "forms").iterdir()}
    assert written.keys() == {file_name(unit, MONTH) for unit in filing}
    assert written[NAME] == made()
    assert len(set(written.values())) == 20


def test_what_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    mine = tmp_path / NAME
    mine.write_bytes(b"filled in")
    for arguments in (("--unit", UNIT, "-o", mine), ("--all", "-o", tmp_path)):
        refused = call(*arguments, "--period", "2024-03")
        assert refused.exit_code == 2
        assert str(mine) in refused.stderr
        assert "--force" in refused.stderr
    assert [*tmp_path.iterdir()] == [mine]
    assert mine.read_bytes() == b"filled in"
    assert call("--unit", UNIT, "--period", "2024-03", "-o", mine, "--force").exit_code == 0
    assert mine.read_bytes() != b"filled in"


WRONG_CALLS: dict[str, tuple[list[str], str]] = {
    "no unit": (["--period", "2024-03"], "either --unit 360702 or --all"),
    "both": (["--all", "--unit", "于都", "--period", "2024-03"], "either --unit 360702 or --all"),
    "unknown unit": (["--unit", "于东", "--period", "2024-03"], "is no unit"),
    "no returns": (["--unit", "360792", "--period", "2024-03"], "sends no returns of its own"),
    "no month": (["--unit", "于都", "--period", "三月"], "write it like 2024-03"),
    "other month": (["--unit", "于都", "--period", "2027-01"], "2024-01 to 2026-12"),
    "no period": (["--unit", "于都"], "--period"),
}


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_wrong_calls_are_told_in_words(name: str, tmp_path: Path) -> None:
    arguments, words = WRONG_CALLS[name]
    result = call(*arguments, "-o", tmp_path / "form.xlsx")
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert [*tmp_path.iterdir()] == []


def test_places_that_take_no_form(tmp_path: Path) -> None:
    taken = tmp_path / "taken.txt"
    taken.write_text("a note")
    by_name = call("--unit", UNIT, "--period", "2024-03", "-o", tmp_path / "form.xls")
    assert (by_name.exit_code, "must end in .xlsx" in by_name.stderr) == (2, True)
    by_kind = call("--all", "--period", "2024-03", "-o", taken)
    assert (by_kind.exit_code, "name a folder" in by_kind.stderr) == (2, True)
    unwritable = call("--unit", UNIT, "--period", "2024-03", "-o", taken / "form.xlsx")
    assert (unwritable.exit_code, "cannot be written" in unwritable.stderr) == (3, True)
    assert [*tmp_path.iterdir()] == [taken]
