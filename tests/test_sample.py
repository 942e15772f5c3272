"""The synthetic returns: reproducible, marked, valid, and shaped like a real programme."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from etl.intake import ReturnReader, check_returns
from etl.sample import SampleError, write_samples
from etl.sample.profile import load_profile
from warehouse.catalog import Catalog, FieldKind, Ledger, load_catalog

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Row = dict[str, Any]
COUNTY, CITY = "360731", "360799"
#: The row of a sheet, from 1, with the labels.
HEADER_ROW = 4
#: Ledger to rows; each row also knows its file (`file`), unit name (`by`) and month (`period`).
Rows = Mapping[str, list[Row]]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> list[Path]:
    return write_samples(tmp_path_factory.mktemp("year"), catalog, months=12)


@pytest.fixture(scope="module")
def rows(year: list[Path], catalog: Catalog) -> Rows:
    return rows_of(year, catalog)


def rows_of(paths: list[Path], catalog: Catalog) -> Rows:
    found: dict[str, list[Row]] = {ledger.name: [] for ledger in catalog.ledgers}
    for path in paths:
        by, period = path.stem.split("_")
        workbook = CalamineWorkbook.from_path(str(path))
        for ledger in catalog.ledgers:
            names = ["file", "by", "period", *(field.name for field in ledger.fields)]
            for cells in workbook.get_sheet_by_name(ledger.title).to_python()[HEADER_ROW:]:
                found[ledger.name].append(dict(zip(names, [path.name, by, period, *cells], strict=True)))
    return found


def key(ledger: Ledger, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ledger.primary_key)


@pytest.fixture(scope="module")
def city(catalog: Catalog) -> str:
    return catalog.unit_by_code[CITY].name_zh


def filled(rows: list[Row], name: str) -> Iterator[Any]:
    return (row[name] for row in rows if row[name] != "")


# Files


def test_all_units_and_months_are_written_in_order(year: list[Path], catalog: Catalog) -> None:
    filing = [unit.name_zh for unit in catalog.units if unit.files]
    assert len(filing) == 20
    expected = [f"{name}_2024-{month:02d}.xlsx" for month in range(1, 13) for name in filing]
    assert [path.name for path in year] == expected
    assert sorted(path.name for path in year[0].parent.iterdir()) == sorted(expected)


def test_same_bytes_whatever_else_is_asked_for(year: list[Path], catalog: Catalog, tmp_path: Path) -> None:
    calls: list[tuple[int, int, str]] = []
    by_code_and_name = [CITY, *catalog.unit_by_code[COUNTY].names[:2]]
    again = write_samples(
        tmp_path, catalog, months=5, units=by_code_and_name, progress=lambda *call: calls.append(call)
    )
    whole_year = {path.name: path for path in year}
    assert len(again) == 10
    for path in again:
        assert path.read_bytes() == whole_year[path.name].read_bytes()
    assert calls == [(number, 10, path.name) for number, path in enumerate(again, 1)]


def test_archive_members_carry_no_time_of_writing(year: list[Path]) -> None:
    with zipfile.ZipFile(year[0]) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_another_seed_gives_other_rows(year: list[Path], catalog: Catalog, tmp_path: Path) -> None:
    (other,) = write_samples(tmp_path, catalog, months=1, units=[COUNTY], seed=1)
    assert other.read_bytes() != next(path for path in year if path.name == other.name).read_bytes()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"units": ["360731", "999999"]}, "no unit that sends returns: 999999; there are 360702"),
        ({"units": ["360792"]}, "no unit that sends returns: 360792"),
        ({"units": []}, "no unit is named"),
        ({"year": 2023}, "2023 is no year of the programme, which runs from 2024 to 2026"),
        ({"months": 0}, "months is 0; it takes 1 to 12"),
        ({"months": 13}, "months is 13; it takes 1 to 12"),
        ({"rows": 0}, "rows is 0; a ledger takes 1 to"),
        ({"rows": 2_000_000}, "rows is 2000000; a ledger takes 1 to"),
    ],
    ids=["unknown", "no returns", "no unit", "year", "no month", "13 months", "no rows", "too many rows"],
)
def test_impossible_calls_are_refused_in_words(
    catalog: Catalog, tmp_path: Path, call: dict[str, Any], words: str
) -> None:
    with pytest.raises(SampleError, match=words):
        write_samples(tmp_path / "out", catalog, **call)
    assert not (tmp_path / "out").exists()


def test_profile_must_fit_the_catalog(catalog: Catalog) -> None:
    facts = {name: getattr(catalog, name) for name in Catalog.model_fields}
    fewer = Catalog.model_construct(**{**facts, "ledgers": catalog.ledgers[1:], "units": catalog.units[1:]})
    words = f"(?s)unknown ledger: {catalog.ledgers[0].name}.*unknown unit: {catalog.units[0].unit}"
    with pytest.raises(SampleError, match=words):
        load_profile(fewer)


# The form


def test_cover_says_who_when_and_that_it_is_synthetic(year: list[Path], catalog: Catalog, rows: Rows) -> None:
    county = catalog.unit_by_code[COUNTY].name_zh
    path = next(path for path in year if path.name == f"{county}_2024-03.xlsx")
    workbook = openpyxl.load_workbook(path)
    cover = workbook.worksheets[0]
    labelled = {row[0]: row[1] for row in cover.iter_rows(min_row=3, max_col=2, values_only=True) if row[1]}
    with_rows = {name for name, reported in rows.items() if any(row["file"] == path.name for row in reported)}
    assert labelled == {
        "填报单位": county,
        "单位代码": COUNTY,
        "统计月份": "2024-03",
        "模板版本": catalog.form.version,
        "报送期限": "2024年4月5日前（含当日）",
        "台账": "填报情况",
        **{ledger.title: "有数据" if ledger.name in with_rows else "零报告" for ledger in catalog.ledgers},
    }
    assert 0 < len(with_rows) < len(catalog.ledgers)
    assert "合成数据" in cover["A2"].value
    assert "SYNTHETIC DATA" in cover["A2"].value
    assert "SYNTHETIC DATA" in workbook.properties.subject
    assert workbook.properties.created == dt.datetime(2024, 3, 1)  # noqa: DTZ001 openpyxl drops the zone
    assert workbook.sheetnames == ["封面", *(ledger.title for ledger in catalog.ledgers)]


def test_every_table_has_title_labels_and_typed_cells(year: list[Path], catalog: Catalog, city: str) -> None:
    types: dict[FieldKind, tuple[type, ...]] = {
        FieldKind.INTEGER: (int,),
        FieldKind.DECIMAL: (int, float),
        FieldKind.YUAN: (int, float),
        FieldKind.PERCENT: (int, float),
        FieldKind.DATE: (dt.datetime,),
    }
    paths = [path for path in year if path.stem.startswith(city)][3:6]
    for workbook in map(openpyxl.load_workbook, paths):
        for ledger in catalog.ledgers:
            sheet = workbook[ledger.title]
            assert sheet["A1"].value.startswith(f"{ledger.title}（合成数据")
            labels = [f"{'*' * field.constraints.required}{field.title}" for field in ledger.fields]
            assert [cell.value for cell in sheet[HEADER_ROW]] == labels
            assert all(cell.font.bold for cell in sheet[HEADER_ROW])
            assert sheet.freeze_panes == f"A{HEADER_ROW + 1}"
            for line, cells in enumerate(sheet.iter_rows(min_row=HEADER_ROW + 1), 1):
                assert cells[0].value == line
                for field, cell in zip(ledger.fields, cells, strict=True):
                    if cell.value is None:
                        assert not field.constraints.required
                        continue
                    assert isinstance(cell.value, types.get(field.kind, (str,))), (ledger.name, field.name)
                    if field.kind is FieldKind.BOOLEAN:
                        assert cell.value in {"是", "否"}
                    if field.kind is FieldKind.DATE:
                        assert cell.number_format == "yyyy-mm-dd"


# The rows


def test_the_intake_finds_nothing_to_say(year: list[Path], catalog: Catalog) -> None:
    reader = ReturnReader(catalog)
    chosen = [path for path in year if path.stem.endswith("-05")]
    read = [reader.read(path.read_bytes(), path.name, return_id=path.stem) for path in chosen]
    batch = check_returns(catalog, read)
    assert batch.issues.to_pylist() == []
    assert Counter(batch.returns["status"].to_pylist()) == {"ACCEPTED": 20}
    assert Counter(batch.sheets["state"].to_pylist()).keys() == {"rows", "nil"}
    assert len(batch.sheets) == 20 * len(catalog.ledgers)


def test_natural_keys_are_unique_but_for_events_that_the_city_reports_too(
    rows: Rows, catalog: Catalog, city: str
) -> None:
    repeated = 0
    for ledger in catalog.ledgers:
        by_key: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows[ledger.name]:
            by_key.setdefault(key(ledger, row), []).append(row)
        for same in (same for same in by_key.values() if len(same) > 1):
            repeated += 1
            county, municipal = sorted(same, key=lambda row: row["by"] == city)
            assert county["by"] != municipal["by"] == city
            apart = {"file", "by", "seq"}
            assert {k: v for k, v in county.items() if k not in apart} == {
                k: v for k, v in municipal.items() if k not in apart
            }
    assert 3 <= repeated <= 30


def test_events_happen_in_the_reported_month(rows: Rows, catalog: Catalog) -> None:
    for ledger in catalog.ledgers:
        assert rows[ledger.name], ledger.name
        for row in rows[ledger.name]:
            assert f"{row[ledger.event_date]:%Y-%m}" == row["period"], (ledger.name, row)


def test_sums_follow_the_rates_of_the_catalog(rows: Rows, catalog: Catalog) -> None:
    rates = {name: float(amount) for name, amount in catalog.rate_amounts.items()}
    assert {row["subsidy"] for row in rows["activity_venues"]} == {rates["venue_subsidy"]}
    assert {(row["standard"], row["subsidy"]) for row in rows["demonstration_unions"]} == {
        ("六有", rates["liuyou_union_subsidy"]),
        ("六规范", rates["liuguifan_union_subsidy"]),
    }
    seen = set()
    for row in rows["mutual_insurance"]:
        entitled = row["newly_enrolled"] == "是" and bool(row["chain"] or row["cluster"])
        seen.add(entitled)
        assert row["subsidy_rate"] == (rates["insurance_rate_2024"] if entitled else 0)
        assert row["subsidy"] == pytest.approx(row["premium"] * row["subsidy_rate"] / 100, abs=0.01)
    assert seen == {True, False}
    classes: Counter[str] = Counter()
    for row in rows["competitions"]:
        classes[row["class"]] += 1
        if row["class"] == "一类":
            assert row["subsidy"] == row["cost"]
        elif row["class"] == "二类":
            assert row["subsidy"] <= rates["contest_subsidy_class_2"]
        else:
            assert row["series"] != "虔能杯" or row["level"] != "市级"
    assert classes.keys() == {"一类", "二类", ""}


def test_parts_do_not_exceed_their_wholes(rows: Rows) -> None:
    assert all(row["women"] <= row["workers"] for row in rows["health_checkups"])
    assert all(row["workers"] <= row["eligible"] for row in rows["cancer_screenings"])
    assert all(row["frontline_workers"] <= row["workers"] for row in rows["recuperation"])
    assert all(row["pairs"] * 2 <= row["participants"] for row in rows["matchmaking_events"])
    assert all(row["ends_on"] >= row["starts_on"] for row in rows["competitions"])


def test_credit_codes_carry_both_check_characters(rows: Rows) -> None:
    codes = {code for reported in rows.values() for code in filled(reported, "credit_code")}
    assert len(codes) > 200
    for code in codes:
        digits = [CREDIT_ALPHABET.index(character) for character in code]
        total = sum(digit * pow(3, place, 31) for place, digit in enumerate(digits[:17]))
        assert digits[17] == (31 - total % 31) % 31
        weights = (3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(
            weight * ORGANISATION_ALPHABET.index(character)
            for weight, character in zip(weights, code[8:16], strict=True)
        )
        assert code[16] == "0123456789X"[(11 - total % 11) % 11]


def test_an_enterprise_is_the_same_everywhere_and_visibly_invented(rows: Rows) -> None:
    facts: dict[str, set[tuple[str, str]]] = {}
    for reported in rows.values():
        for row in reported:
            if row["enterprise"]:
                assert "示例" in row["enterprise"]
                facts.setdefault(row["enterprise"], set()).add((row["credit_code"], row["chain"]))
    assert all(len(known) == 1 for known in facts.values())


def test_some_enterprises_lie_outside_the_chains(rows: Rows, catalog: Catalog) -> None:
    chains = [row["chain"] for row in rows["mutual_insurance"]]
    assert 0.15 < chains.count("") / len(chains) < 0.5
    assert set(chains) - {""} <= {chain.name_zh for chain in catalog.chains if chain.confirmed}


def test_seasons(rows: Rows) -> None:
    def months(ledger: str) -> Counter[int]:
        return Counter(int(row["period"][-2:]) for row in rows[ledger])

    assert set(months("childcare_classes")) <= {1, 2, 7, 8}
    assert {(row["holiday"], row["starts_on"].month < 6) for row in rows["childcare_classes"]} == {
        ("寒假", True),
        ("暑假", False),
    }
    honours = months("honours")
    assert honours[4] + honours[5] > sum(honours.values()) / 2
    matchmaking = months("matchmaking_events")
    assert sum(matchmaking[month] for month in (2, 5, 8, 10)) > 0.7 * sum(matchmaking.values())
    competitions = months("competitions")
    assert sum(competitions[month] for month in range(4, 10)) > 0.7 * sum(competitions.values())


def test_magnitudes(rows: Rows, city: str) -> None:
    assert all(50 <= row["entrants"] <= 70 for row in rows["competitions"] if row["level"] == "市级")
    assert all(45 <= row["workers"] <= 50 for row in rows["recuperation"])
    assert all(22 <= row["children"] <= 28 for row in rows["childcare_classes"])
    assert {row["by"] for row in rows["competitions"] if row["series"] == "天工杯"} == {city}
    assert {row["level"] for row in rows["skills_trainings"] if row["by"] == city} == {"市级"}


@pytest.mark.parametrize(
    ("indicator", "ledger", "column"),
    [
        ("innovation_trainings", "innovation_trainings", None),
        ("innovation_participants", "innovation_trainings", "innovators"),
        ("apprenticeships", "apprenticeships", "apprentices"),
        ("recuperation_workers", "recuperation", "frontline_workers"),
        ("activity_venues", "activity_venues", None),
        ("health_services", "health_services", None),
        ("matchmaking_events", "matchmaking_events", None),
        ("childcare_classes", "childcare_classes", None),
    ],
    ids=lambda value: value or "count",
)
def test_a_year_comes_near_its_target(
    rows: Rows, catalog: Catalog, indicator: str, ledger: str, column: str | None
) -> None:
    target = next(t.target for t in catalog.targets if t.indicator == indicator and t.year == 2024)
    value = sum(row[column] if column else 1 for row in rows[ledger])
    assert 0.7 <= value / float(target) <= 1.4


# Benchmarks


def test_a_fixed_number_of_rows_in_every_ledger(catalog: Catalog, tmp_path: Path) -> None:
    paths = write_samples(tmp_path, catalog, year=2025, months=1, units=[CITY, COUNTY], rows=40)
    reported = rows_of(paths, catalog)
    for ledger in catalog.ledgers:
        assert len(reported[ledger.name]) == 80
        assert len({key(ledger, row) for row in reported[ledger.name]}) == 80
