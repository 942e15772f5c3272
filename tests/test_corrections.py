"""The file of corrections: what is taken from it, what refuses it whole, and what becomes of a mended source.

What belongs here: ``union7510 correct``, and corrections from there to the build. What does not: the other
decisions, and what all decisions share (``test_decisions``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest

from etl.deciding import Decider
from etl.deciding.wording import stale_words
from etl.definitions import build_defs
from etl.intake import check_returns
from etl.intake.circumstances import Circumstances, Correction
from etl.partitions import range_tags
from tests.intake.workbooks import MARCH_5, ledger, reader, sheet, workbook
from tests.support.deciding import WHO, Office, in_both_languages, written
from warehouse.catalog import load_catalog
from warehouse.decisions import DecisionLog
from warehouse.reading.decisions import StaleCorrection
from warehouse.settings import Home

ENTRY = """\
- unit: 于都县
  period: 2024-03
  ledger: 师带徒
  where: {师傅: 李卫国}
  column: 带徒人次
  expect: 很多
  value: 12
"""
OTHER = ENTRY.replace("李卫国", "王秀英")
DATE = ENTRY.replace("带徒人次", "签订日期").replace("很多", "三月五日").replace("12", "2024-03-05")
LEVEL = """\
- {unit: 于都县, period: 2024-03, ledger: 热心职工红娘, column: 推荐级别, expect: 市, value: 市级}
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    home = tmp_path / "home"
    home.mkdir()
    return Office(Home(home))


# What is taken


def test_names_and_codes_are_understood(office: Office, tmp_path: Path) -> None:
    codes = (
        ENTRY.replace("于都县", "360731")
        .replace("师带徒", "apprenticeships")
        .replace("带徒人次", "apprentices")
    )
    codes = codes.replace("李卫国", "李 卫 国").replace("2024-03", "2024年3月").replace("师傅", "master")
    first = office.decide("correct", written(tmp_path, "名称.yaml", ENTRY))["decisions"]
    again = office.refuse("correct", written(tmp_path, "代码.yaml", codes), "--note", "x")
    assert "is in force already (D000001)" in again
    (decision,) = DecisionLog(office.home).decisions()
    assert {name: part for name, part in vars(decision.about).items() if part is not None} == {
        "unit": "360731",
        "period": "2024-03",
        "ledger": "apprenticeships",
        "column": "apprentices",
        "expect": "很多",
        "value": "12",
        "where": {"master": "李卫国"},
    }
    assert [one["id"] for one in first] == ["D000001"]


def test_what_is_typed_stays_as_it_is_typed(office: Office, tmp_path: Path) -> None:
    """YAML would make numbers, dates and yes or no of it."""
    texts = {"expect: 三月五日": "expect: 007", "李卫国": "是"}
    entry = DATE
    for typed, other in texts.items():
        entry = entry.replace(typed, other)
    office.decide("correct", written(tmp_path, "c.yaml", "\ufeff" + entry))
    (decision,) = DecisionLog(office.home).decisions()
    about = decision.about
    assert (about.expect, about.value, about.where) == ("007", "2024-03-05", {"master": "是"})


def test_a_file_that_grows_is_taken_again(office: Office, tmp_path: Path) -> None:
    office.decide("correct", written(tmp_path, "c.yaml", ENTRY))
    grown = office.decide("correct", written(tmp_path, "c.yaml", ENTRY + OTHER))
    assert [one["where"] for one in grown["decisions"]] == [{"master": "王秀英"}]
    assert grown["known"] == ["D000001"]
    office.decide("revoke", "D000001")
    assert [one["id"] for one in office.decide("correct", tmp_path / "c.yaml")["decisions"]] == ["D000004"]


def test_a_run_that_dies_in_a_file_is_finished_by_the_next(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "c.yaml", ENTRY + OTHER + OTHER.replace("王秀英", "张建国"))
    synced = os.fsync
    left = iter([True] * 3)  # the first file and its folder, and half of the second

    def die_later(descriptor: int) -> None:
        if not next(left, False):
            raise KeyboardInterrupt
        synced(descriptor)

    with monkeypatch.context() as dying:
        dying.setattr(os, "fsync", die_later)
        with pytest.raises(KeyboardInterrupt):
            Decider(office.home, load_catalog(), by=WHO, note="x").correct(path)
    half = [one.about.where for one in DecisionLog(office.home).decisions()]
    assert half[:1] == [{"master": "李卫国"}]
    assert len(half) < 3
    office.decide("correct", path)
    whole = [one.about.where["master"] for one in DecisionLog(office.home).decisions()]
    assert whole == ["李卫国", "王秀英", "张建国"]


# What is refused

WRONG = {
    "no YAML": ("- unit: [", "is not YAML", "an entry looks like"),
    "no list": (ENTRY.replace("- ", "  ", 1), "no list of corrections"),
    "nothing": ("", "no list of corrections"),
    "too deep": ("[" * 1200, "nested too deeply"),
    "itself": ("- &a [*a]", "is not YAML"),
    "two documents": (f"{ENTRY}---\n{ENTRY}", "is not YAML"),
    "no entry": ("- 很多\n", "c.yaml line 1, entry 1: an entry has the keys"),
    "a key twice": (f"{ENTRY}  value: 13\n", "the key value stands here twice"),
    "a key is missing": (ENTRY.replace("  value: 12\n", ""), "entry 1: without value"),
    "a key is unknown": (ENTRY.replace("where", "wo"), "wo is not understood", "where"),
    "a list for a text": (ENTRY.replace("很多", "[很多]"), "expect is one text"),
    "a text for a group": (ENTRY.replace("{师傅: 李卫国}", "李卫国"), "where says in which rows"),
    "an unknown unit": (ENTRY.replace("于都县", "天河区"), "“天河区” is no unit", "宁都县"),
    "an unknown month": (ENTRY.replace("2024-03", "2024"), "“2024” is no month", "2024-03"),
    "an unknown ledger": (ENTRY.replace("师带徒", "师徒"), "“师徒” is no ledger", "师带徒"),
    "an unknown column": (ENTRY.replace("带徒人次", "人次"), "“人次” is no one column of 师带徒", "带徒人次"),
    "an unknown condition": (ENTRY.replace("师傅", "师父名"), "“师父名” is no one column of 师带徒", "师傅"),
    "a column that is not kept": (ENTRY.replace("带徒人次", "序号"), "“序号” is no one column"),
    "one condition under two names": (
        ENTRY.replace("{师傅: 李卫国}", "{师傅: 李卫国, master: 李卫国}"),
        "twice, by two of its names",
    ),
    "nothing corrected": (ENTRY.replace("value: 12", "value: 很 多"), "corrects nothing"),
    "any blank cell": (
        ENTRY.replace("  where: {师傅: 李卫国}\n", "").replace("很多", "''"),
        "where must say in which row",
    ),
    "the same cell twice": (
        ENTRY + OTHER + ENTRY.replace("12", "13"),
        "entry 3: the same cell as c.yaml line 1, entry 1",
    ),
    "no number": (ENTRY.replace("12", "五十多"), "value 为“五十多”", "“五十多” would not pass", "such as 12"),
    "no whole number": (ENTRY.replace("12", "1.5"), "“1.5” would not pass", "R202", "such as 12"),
    "nothing where something has to stand": (ENTRY.replace("12", "—"), "“—” would not pass", "R201"),
    "no date": (DATE.replace("2024-03-05", "2024.3"), "“2024.3” would not pass", "R203", "2024年3月5日"),
    "a day after the month": (DATE.replace("-03-05", "-04-05"), "“2024-04-05” would not pass", "R307"),
    "not on the list": (LEVEL.replace("市级", "县级"), "“县级” would not pass", "R204", "全国、省级、市级"),
    "a mobile number": (ENTRY.replace("很多", "138-0013-8000"), "expect holds a personal", "never stored"),
}


@pytest.mark.parametrize("case", WRONG)
def test_of_a_wrong_file_nothing_is_taken(office: Office, tmp_path: Path, case: str) -> None:
    text, *words = WRONG[case]
    told = office.refuse("correct", written(tmp_path, "c.yaml", text), "--note", "x")
    assert "c.yaml" in told
    assert [part for part in words if part not in told] == []
    assert in_both_languages(told)
    assert "8000" not in told


def test_all_that_is_wrong_is_told_with_its_place(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path, "c.yaml", OTHER + ENTRY.replace("于都县", "天河区").replace("师傅", "师父名"))
    told = office.refuse("correct", path, "--note", "x")
    assert told.count("c.yaml line 8, entry 2") == 2
    assert "entry 1" not in told


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b" " * (1 << 20) + b" "])
def test_a_file_that_cannot_be_read_is_told(office: Office, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "c.yaml"
    if content is not None:
        path.write_bytes(content)
    told = office.refuse("correct", path, "--note", "x")
    assert "c.yaml" in told
    assert in_both_languages(told)


def test_a_correction_does_not_contradict_one_in_force(office: Office, tmp_path: Path) -> None:
    office.decide("correct", written(tmp_path, "c.yaml", ENTRY))
    path = written(tmp_path, "d.yaml", OTHER + ENTRY.replace("12", "13"))
    told = office.refuse("correct", path, "--note", "x")
    assert "d.yaml line 8, entry 2: D000001" in told
    assert "says that it means “12”" in told
    assert "更正为“12”" in told


# What becomes of it


def test_a_corrected_cell_is_checked_like_any_other(office: Office, tmp_path: Path) -> None:
    two = {"师傅": "王秀英", "带徒人次": "很多"}
    office.hand_in(
        workbook(
            {
                "师带徒": sheet("师带徒", {"签订日期": "三月五日"}, two, {"师傅": None}),
                "技能培训": sheet("技能培训", {"培训人数": 50}),
            }
        )
    )
    date = DATE.replace("2024-03-05", "2024年3月5日")
    name = ENTRY.replace("{师傅: 李卫国}", "{带徒人次: ３}").replace("column: 带徒人次", "column: 师傅")
    name = name.replace("很多", "''").replace("12", "赵建设")
    number = ENTRY.replace("师带徒", "技能培训").replace("  where: {师傅: 李卫国}\n", "")
    number = number.replace("带徒人次", "培训人数").replace("很多", "50").replace("12", "-1")
    wrong = OTHER.replace("12", "201")
    path = written(tmp_path, "c.yaml", date + name + number + wrong)
    taken = office.call("correct", path, "--note", "经电话核实")
    # What a decision may still let count is taken, and told.
    zh, en, _, other, *_ = [line for line in taken.stderr.splitlines() if "D00000" in line]
    assert zh == (
        "D000003 已登记，但请注意“-1”：“培训人数”超出允许范围（R205）。应为：整数，例如 12，不小于 1。"
    )
    assert en == (
        "D000003 was taken, but mind “-1”: “培训人数” is outside the allowed range (R205)."
        " What passes: a whole number such as 12, at least 1."
    )
    assert "D000004 was taken, but mind “201”" in other
    receipt = office.check()["R000001"]
    assert [(one["rule"], one["sheet"], one["cell"]) for one in receipt["issues"]] == [
        ("R205", "师带徒", "C3"),
        ("R205", "技能培训", "E2"),
    ]
    (path,) = office.home.lake.glob("*/apprenticeships.parquet")
    kept = pq.read_table(path).select(["row", "master", "signed_on"]).to_pylist()
    assert [tuple(row.values()) for row in kept] == [(2, "李卫国", MARCH_5), (4, "赵建设", MARCH_5)]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def test_a_mended_source_makes_a_correction_stale_and_stops_nobody(
    office: Office, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    office.hand_in(
        ledger("师带徒", {"带徒人次": "很多"}),
        ledger("师带徒", {"师傅": "张建国"}, name="宁都县_2024-03.xlsx"),
    )
    office.decide("correct", written(tmp_path, "c.yaml", ENTRY))
    office.hand_in(ledger("师带徒", {"带徒人次": 11}, name="于都县_2024-03_更正.xlsx"))

    job = build_defs(office.home).resolve_job_def("ingest_returns")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    run = job.execute_in_process(run_config=quiet, instance=instance, tags=range_tags(["2024-03"]))
    (check,) = (one for one in run.get_asset_check_evaluations() if one.check_name == "corrections_not_stale")
    assert (check.passed, check.severity, check.blocking) == (False, dg.AssetCheckSeverity.WARN, False)
    assert office.rows("SELECT unit, apprentices FROM core.apprenticeships ORDER BY unit") == [
        ("360730", 3),
        ("360731", 11),
    ]
    assert office.rows("SELECT return_id, state, in_force, is_stale FROM core.corrections ORDER BY ALL") == [
        ("R000001", "applied", False, True),
        ("R000003", "stale", True, True),
    ]

    # It is told until someone ends it, though nothing is new.
    told = office.call("ingest", "--json")
    assert (told.code, told.document["stale_corrections"]) == (1, ["D000001"])
    zh, en, *_ = told.stderr.splitlines()
    assert all(
        part in zh for part in ("更正 D000001 已失效", "于都县 2024-03", "师带徒", "带徒人次", "“很多”")
    )
    assert all(part in en for part in ("correction D000001 is stale", "“很多”", "union7510 revoke D000001"))

    office.decide("revoke", "D000001")
    assert office.pending() == ["R000001", "R000003"]


def test_a_correction_that_the_catalog_has_outgrown_is_stale() -> None:
    """Ledgers and columns may be gone when an old decision still stands."""
    file, period = ledger("师带徒"), MARCH_5.replace(day=1)
    gone = Correction("D000001", "360731", period, "apprenticeships", "gone", "很多", "12")
    condition = replace(gone, decision="D000002", column="apprentices", where={"gone": "李卫国"})
    circumstances = Circumstances(corrections=(gone, condition))
    read = reader().read(file.content, file.name, return_id="R000001", circumstances=circumstances)
    batch = check_returns(load_catalog(), [read])
    assert batch.returns["status"].to_pylist() == ["ACCEPTED"]
    assert batch.corrections.select(["decision", "state"]).to_pylist() == [
        {"decision": "D000001", "state": "stale"},
        {"decision": "D000002", "state": "stale"},
    ]
    stale = StaleCorrection("D000001", "360731", period, "apprenticeships", "gone", "很多", "12")
    known = stale_words(stale, load_catalog())
    lost = stale_words(replace(stale, unit="999999", ledger="lost"), load_catalog())
    told = [known.zh, known.en, lost.zh, lost.en]
    assert [words.count("gone") for words in told] == [1] * 4
    assert ["999999" in words and "lost" in words for words in told] == [False, False, True, True]
