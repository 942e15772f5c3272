"""The Dagster definitions: what they show, that the job publishes, and that a failed audit does not.

What belongs here: assets, checks, partitions, the job, and how a failed run is told. What does not: the
figures, the command line's other words (``test_cli``).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from etl.definitions import build_defs
from etl.intake import Stated
from etl.receiving import receive_files
from tests.intake.workbooks import EXAMPLES, File, ledger, sheet, workbook
from tests.support.command import caller
from tests.support.pipeline import publish
from warehouse.building.audits import WARNINGS_DIRECTORY, audit_names
from warehouse.building.contract import Contract
from warehouse.catalog import load_catalog
from warehouse.landing import Landing
from warehouse.publications import PublicationStore, Readers
from warehouse.settings import Home

CHECKOUT = Path(__file__).parents[1]
LEDGERS = [f"core/{ledger.name}" for ledger in load_catalog().ledgers]
OF_EVENTS = ["checked_returns", "core/decisions", "core/duplicates", "core/months"]
OF_RETURNS = ["checked_returns", "core/decisions", "core/months", "core/units"]

#: Each asset and what it is made of; the tables of the ledgers and the publication follow below.
GRAPH = {
    "landed_returns": [],
    "checked_returns": ["landed_returns"],
    "core/chains": [],
    "core/clusters": [],
    "core/corrections": ["checked_returns", "core/decisions", "core/months"],
    "core/decisions": ["checked_returns"],
    "core/duplicates": OF_RETURNS,
    "core/expected_reports": ["core/months", "core/units"],
    "core/indicator_ledgers": [],
    "core/indicators": [],
    "core/issues": ["checked_returns", "core/decisions", "core/duplicates", "core/months", "core/units"],
    "core/ledger_reports": ["checked_returns", "core/decisions", "core/months"],
    "core/ledgers": [],
    "core/measures": [],
    "core/months": [],
    "core/return_ledgers": ["checked_returns", "core/decisions", "core/ledgers", "core/months"],
    "core/returns": ["checked_returns", "core/decisions", "core/months"],
    "core/target_months": ["core/months"],
    "core/targets": [],
    "core/units": [],
    "mart/funding": ["core/ledger_reports", "core/months", "mart/indicator_progress"],
    "mart/indicator_contributions": sorted(LEDGERS),
    "mart/indicator_monthly": ["mart/indicator_contributions"],
    "mart/indicator_progress": [
        *("core/expected_reports", "core/indicator_ledgers", "core/indicators", "core/ledger_reports"),
        *("core/months", "core/target_months", "core/units", "mart/indicator_monthly"),
    ],
    "mart/indicator_status": [
        *("core/expected_reports", "core/indicator_ledgers", "core/indicators", "core/ledger_reports"),
        *("core/months", "core/units", "mart/indicator_monthly"),
    ],
    "mart/reporting_status": [
        *("checked_returns", "core/decisions", "core/expected_reports", "core/ledger_reports"),
        *("core/ledgers", "core/months", "core/units"),
    ],
    "mart/small_number_swaps": ["core/indicators", "mart/indicator_monthly"],
    "core/sheet_layouts": ["checked_returns"],
    "core/sheets": ["checked_returns"],
    "meta/audits": [],
    "meta/lake_files": [],
    "meta/tables": [],
    "meta/decisions": ["core/decisions"],
    "meta/publication": sorted([*LEDGERS, "core/ledger_reports"]),
    "meta/sources": ["checked_returns", "core/decisions", "core/months"],
    **dict.fromkeys(LEDGERS, OF_EVENTS),
}
GROUPS = {"landed_returns": "intake", "checked_returns": "intake", "missing_returns": "reporting"}
AUDITS = {
    *("city_is_sum_of_units", "codes_known", "figures_have_rows", "lake_is_whole", "natural_keys_unique"),
    *("one_return_in_force", "progress_is_complete", "ratios_within_bounds", "rows_accounted_for"),
    "small_numbers_hidden",
    "totals_never_fall",
}
#: Checks that warn and stop nothing; `recent_months_are_plausible` is asked of each ledger.
WARNINGS = {"corrections_not_stale"}
PLAUSIBLE = "recent_months_are_plausible"
#: Checks of the current publication; the last one is dear, and only the nightly job asks it.
STANDING = {"nothing_is_failing_now", "holds_all_that_landed"}
VERIFICATION = "is_what_its_manifest_says"


@pytest.fixture
def definitions(tmp_path: Path) -> dg.Definitions:
    return build_defs(Home(tmp_path / "home"))


def name(key: dg.AssetKey) -> str:
    return "/".join(key.path)


# What Dagster shows


def test_the_graph_of_assets(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    found = {name(key): sorted(map(name, graph.get(key).parent_keys)) for key in graph.get_all_asset_keys()}
    assert found == {
        **GRAPH,
        "publication": sorted(set(GRAPH) - {"landed_returns", "checked_returns"}),
        "missing_returns": ["core/returns", "mart/reporting_status", "publication"],
    }


def test_every_asset_says_what_it_is_and_who_answers_for_it(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        layer = name(key).partition("/")[0]
        assert node.group_name == GROUPS.get(layer, layer)
        assert node.description
        assert node.owners
        assert node.kinds
        documented = node.metadata["docs"].value.partition("#")[0]
        assert (CHECKOUT / documented).is_file(), documented
        if layer in {"core", "mart", "meta"}:
            columns = node.metadata["dagster/column_schema"].columns
            assert all(column.type and column.description for column in columns), name(key)
            assert [column.name for column in columns] == [
                *Contract.load().tables[name(key).replace("/", ".")]["columns"]
            ]
    contributions = graph.get(dg.AssetKey(["mart", "indicator_contributions"]))
    assert "view" in contributions.kinds
    pools = {name(node.key): {*(node.pools or ())} for node in graph.asset_nodes}
    assert pools.pop("missing_returns") == set()  # it only reads
    assert {tuple(pool) for pool in pools.values()} == {("warehouse_writer",)}


def test_where_docs_are_shown_every_asset_links_to_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNION7510_DOCS", "https://docs.example/main/docs/")
    graph = build_defs(Home(tmp_path / "home")).resolve_asset_graph()
    for node in graph.asset_nodes:
        link = node.metadata["docs"]
        assert isinstance(link, dg.UrlMetadataValue)
        page = link.value.removeprefix("https://docs.example/main/").partition("#")[0]
        assert (CHECKOUT / page).is_file(), link


def test_what_is_partitioned_by_month(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    partitioned = {name(key) for key in graph.get_all_asset_keys() if graph.get(key).partitions_def}
    assert partitioned == {"landed_returns", "checked_returns", "missing_returns"}
    months = graph.get(dg.AssetKey("checked_returns")).partitions_def
    assert months is not None
    assert months.get_partition_keys() == [f"{month:%Y-%m}" for month in load_catalog().programme.months]


def test_every_audit_is_a_check_that_blocks_and_every_other_one_that_does_not(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    checks = {(name(key.asset_key), key.name): graph.get(key) for key in graph.asset_check_keys}
    assert set(audit_names()) == AUDITS
    assert set(audit_names(WARNINGS_DIRECTORY)) == WARNINGS
    assert {check: node.blocking for check, node in checks.items()} == {
        **{("mart/indicator_progress", audit): True for audit in AUDITS},
        **{("core/corrections", warning): False for warning in WARNINGS},
        **{(ledger, PLAUSIBLE): False for ledger in LEDGERS},
        **{("publication", check): False for check in STANDING | {VERIFICATION}},
    }
    assert all(check.description for check in checks.values())


def test_the_jobs(definitions: dg.Definitions) -> None:
    jobs = {job.name: job for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")}
    assert {job: {*_assets(jobs[job])} for job in jobs} == {
        "ingest_returns": {*GRAPH, "publication"},
        "rebuild_warehouse": {*GRAPH, "publication"},
        "publish_warehouse": {*GRAPH, "publication"} - {"landed_returns", "checked_returns"},
        "verify_publication": set(),
        "list_missing_returns": {"missing_returns"},
        "collect_garbage": set(),
    }
    for job in jobs.values():
        assert job.executor_def.name == "in_process"
        assert (job.description or "").startswith("Use it ")
    checks = {job: {key.name for key in jobs[job].asset_layer.asset_graph.asset_check_keys} for job in jobs}
    usual = AUDITS | WARNINGS | STANDING | {PLAUSIBLE}
    assert checks == {
        "ingest_returns": usual,
        "rebuild_warehouse": usual,
        "publish_warehouse": usual,
        "verify_publication": STANDING | {VERIFICATION},
        "list_missing_returns": set(),
        "collect_garbage": set(),
    }
    assert {node.name for node in jobs["ingest_returns"].nodes} == {
        *("landed_returns", "checked_returns", "warehouse_tables", "publication", "standing_checks"),
    }


def _assets(job: dg.JobDefinition) -> list[str]:
    return [name(key) for key in job.asset_layer.executable_asset_keys]


def test_what_starts_by_itself(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {
        schedule.name: (schedule.cron_schedule, schedule.execution_timezone, schedule.job_name)
        for schedule in repository.schedule_defs
    } == {
        "remind_units": ("0 9 6 * *", "Asia/Shanghai", "list_missing_returns"),
        "verify_nightly": ("30 2 * * *", "Asia/Shanghai", "verify_publication"),
    }
    assert {sensor.name: sensor.minimum_interval_seconds for sensor in repository.sensor_defs} == {
        "inbox": 1,
        "alerts": 10,
        "abandoned_runs": 1,
    }
    for schedule in repository.schedule_defs:
        assert schedule.description
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    for sensor in repository.sensor_defs:
        assert sensor.description
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_definitions_load_quickly_and_write_nothing(tmp_path: Path) -> None:
    load_catalog()
    started = time.process_time()
    build_defs(Home(tmp_path / "home")).resolve_asset_graph()
    assert time.process_time() - started < 3
    assert list(tmp_path.iterdir()) == []


def test_dg_finds_nothing_wrong(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("dg"), "check", "defs"],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "DAGSTER_HOME": str(CHECKOUT),
            "UNION7510_HOME": str(tmp_path),
            "UNION7510_DAGSTER": str(tmp_path / "dagster"),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, "All definitions loaded successfully" in done.stdout) == (0, True), done


# The job


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def land(home: Home, folder: Path, *files: File) -> None:
    folder.mkdir(exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.content)
    assert [*receive_files(home, load_catalog(), [folder / file.name for file in files], Stated())]


def run(home: Home, instance: dg.DagsterInstance, first: str, last: str) -> dg.ExecuteInProcessResult:
    """One run of the job over a range of months, as ``dagster dev`` starts it."""
    return (
        build_defs(home)
        .resolve_job_def("ingest_returns")
        .execute_in_process(
            instance=instance,
            tags={
                "dagster/asset_partition_range_start": first,
                "dagster/asset_partition_range_end": last,
            },
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
    )


def test_the_job_checks_builds_audits_and_publishes(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    home = Home(tmp_path / "home")
    whole = workbook({title: sheet(title) for title in EXAMPLES})
    april = ledger("师带徒", {"签订日期": "2024-04-01"}, name="于都县_2024-04.xlsx")
    unknown = ledger("师带徒", name="天河区.xlsx")
    land(home, tmp_path / "files", whole, april, unknown)
    result = run(home, instance, "2024-03", "2024-03")
    assert result.success
    made = {name(one.asset_key): one for one in result.get_asset_materialization_events() if one.asset_key}
    assert set(made) == {*GRAPH, "publication"}
    metadata = {
        asset: {label: value.value for label, value in event.materialization.metadata.items()}
        for asset, event in made.items()
    }
    # The return of April waits for its month; the one without a month is always taken.
    assert metadata["checked_returns"]["returns"] == 2
    assert metadata["checked_returns"]["dagster/row_count"] == 19
    assert metadata["core/apprenticeships"]["dagster/row_count"] == 1
    assert metadata["core/units"]["dagster/row_count"] == 22
    assert metadata["publication"]["publication"] == "000001"
    checks = result.get_asset_check_evaluations()
    assert {check.check_name: check.passed for check in checks} == {
        **dict.fromkeys(AUDITS | WARNINGS | STANDING | {PLAUSIBLE}, True),
        "nothing_is_failing_now": False,
        PLAUSIBLE: False,
    }
    assert PublicationStore(home).current_id() == "000001"
    assert apprentices(home) == 3

    later = run(home, instance, "2024-04", "2024-12")
    assert later.success
    assert (PublicationStore(home).current_id(), apprentices(home)) == ("000002", 6)


def apprentices(home: Home) -> int | None:
    """One figure of the current publication."""
    with Readers(PublicationStore(home)).open() as reader:
        [row] = reader.query(
            "SELECT value FROM mart.indicator_progress"
            " WHERE indicator = 'apprenticeships' AND unit IS NULL AND month = DATE '2024-06-01'"
        )
    return None if row["value"] is None else int(row["value"])


# A failed audit


def test_a_failed_audit_leaves_the_old_publication_serving(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    store, call = PublicationStore(home), caller(home.root)
    land(home, tmp_path / "files", ledger("师带徒", {"产业链": "稀土"}))
    publish(home)
    assert (store.current_id(), apprentices(home)) == ("000001", 3)

    # A file of the lake that was changed by hand: a chain that no code list knows.
    (path,) = home.lake.glob("*/apprenticeships.parquet")
    sound = path.read_bytes()
    table = pq.read_table(path)
    place = table.schema.get_field_index("chain")
    pq.write_table(
        table.set_column(place, "chain", pc.binary_replace_slice(table["chain"], 0, 0, "no_")), path
    )
    land(home, tmp_path / "files", ledger("师带徒", {"师傅": "王秀英"}, name="宁都县_2024-03.xlsx"))
    failed = call("ingest")
    assert (failed.code, failed.stdout) == (3, "")
    assert "codes_known" in failed.stderr
    assert "publication 000001 still serves" in failed.stderr
    assert (store.current_id(), store.ids(), apprentices(home)) == ("000001", ["000001"], 3)
    assert len(Landing(home).receptions()) == 2

    # Nothing is lost: once the cause is gone, the next run publishes what the failed one checked.
    path.write_bytes(sound)
    assert call("ingest").code == 0
    assert (store.current_id(), apprentices(home)) == ("000002", 6)
    leftovers = [one.name for one in home.publications.iterdir() if one.name.startswith(".tmp-")]
    assert leftovers == []


def test_a_run_that_breaks_before_the_first_publication_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    land(home, tmp_path / "files", ledger("师带徒"))
    (content,) = (path for path in (home.landing / "files").rglob("*") if path.is_file())
    content.unlink()
    failed = caller(home.root)("ingest")
    assert (failed.code, failed.stdout) == (3, "")
    assert "nothing was published" in failed.stderr
    assert content.name in failed.stderr
    assert PublicationStore(home).current_id() is None
