"""The catalog: that it holds the programme's facts, that a broken one is refused, that it grows without code.

What belongs here: the files of ``warehouse/catalog`` and their loading. What does not: what is made of them.
``catalog_facts.yaml`` is a typed copy of the programme's own lists: a slip in a file does not go unseen.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from tests.lake_world import Return, World
from warehouse.catalog import Catalog, CatalogError, load_catalog
from warehouse.catalog.loader import CATALOG_DIRECTORY

HERE = Path(__file__).parent
FACTS = yaml.safe_load((HERE / "catalog_facts.yaml").read_text(encoding="utf-8"))
SLIPS = yaml.safe_load((HERE / "catalog_slips.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


# Facts


def test_the_indicators_are_those_of_the_programme(catalog: Catalog) -> None:
    def target(code: str) -> str:
        amounts = {f"{one.target:f}" for one in catalog.targets if one.indicator == code}
        assert len(amounts) <= 1
        return "".join(amounts)

    found = [
        {
            "code": one.code,
            "measure": str(one.measure),
            "unit": one.unit,
            "ledgers": "+".join(one.ledgers),
            "value": one.value.sum or ("ratio" if one.is_ratio else "count"),
            "horizon": one.horizon,
            "comparison": one.comparison,
            "target": target(one.code),
            "scope": one.scope,
        }
        for one in catalog.indicators
    ]
    assert found == list(csv.DictReader(io.StringIO(FACTS["indicators"])))
    assert len(found) == 38
    assert {one.code for one in catalog.indicators if one.sensitive} == {
        "health_checkups",
        "cancer_screenings",
        "matchmaking_events",
    }


def test_what_the_indicators_count(catalog: Catalog) -> None:
    where = {one.code: one.where for one in catalog.indicators if one.where}
    municipal = ["市级", "省级", "国家级"]
    assert where == {
        "model_workers": {"honour_type": ["劳动模范"], "level": municipal, "in_7510": True},
        "may_day_medals": {"honour_type": ["五一劳动奖章"], "level": municipal, "in_7510": True},
        "may_day_collectives": {
            "honour_type": ["五一劳动奖状", "工人先锋号"],
            "level": municipal,
            "in_7510": True,
        },
        "craftsmen_recommended": {"honour_type": ["赣州工匠"]},
        "competitions": {"series": ["虔能杯"]},
        "drill_participations": {"series": ["虔能杯"]},
        "tiangong_applications": {"series": ["天工杯"]},
        "innovation_studios": {"level": ["省级", "市级"]},
        "innovation_studios_7510": {"level": ["省级", "市级"], "in_7510": True},
        "city_skills_trainings": {"level": ["市级"]},
        "county_skills_trainings": {"level": ["县级"]},
        "liuyou_unions": {"standard": ["六有"]},
        "liuguifan_unions": {"standard": ["六规范"]},
        "health_checkups": {"in_7510": True},
        "cancer_screenings": {"employment": ["民营企业", "新就业形态"]},
        "mutual_insurance_enrolled": {"newly_enrolled": True},
        "recuperation_7510_workers": {"in_7510": True},
        "outreach_events": {"cluster": "given"},
        "festivals": {"event_type": ["文化艺术节", "体育节"]},
    }
    ratio = catalog.indicator_by_code["honours_7510_share"].value.ratio
    assert ratio is not None
    honoured = {"honour_type": ["劳动模范", "五一劳动奖章", "五一劳动奖状", "工人先锋号"], "level": municipal}
    assert (ratio.numerator, ratio.denominator) == ({**honoured, "in_7510": True}, honoured)


def test_every_numeric_target_stands_for_each_year_or_for_the_programme(catalog: Catalog) -> None:
    years: dict[str, set[int | None]] = {}
    for one in catalog.targets:
        years.setdefault(one.indicator, set()).add(one.year)
        assert one.level == ("each_unit" if one.indicator == "county_skills_trainings" else "city")
    assert len(years) == 25
    assert years == {
        one.code: {None} if one.horizon == "programme" else {2024, 2025, 2026}
        for one in catalog.indicators
        if one.comparison != "tracked"
    }


def test_the_ledgers_are_those_of_the_form(catalog: Catalog) -> None:
    shared = FACTS["shared_columns"]
    assert [one.name for one in catalog.ledgers] == [*FACTS["ledgers"]]
    for ledger in catalog.ledgers:
        assert [field.name for field in ledger.fields[: len(shared)]] == shared
        assert [field.name for field in ledger.fields if not field.stored] == ["seq"]
        columns = " ".join(
            f"{'@' * (field.name == ledger.event_date)}{field.name}:{field.kind.value}"
            f"{'!' * field.constraints.required}"
            for field in ledger.fields[len(shared) :]
        )
        assert FACTS["ledgers"][ledger.name] == {
            "title": ledger.title,
            "key": " ".join(ledger.primary_key),
            "columns": columns,
        }
    assert sum(len(ledger.fields) - len(shared) for ledger in catalog.ledgers) == 97
    required = {ledger.name for ledger in catalog.ledgers if ledger.field("enterprise").constraints.required}
    assert required == {
        *("demonstration_unions", "health_checkups", "cancer_screenings", "mutual_insurance"),
        "childcare_employers",
    }


def test_the_units_and_who_files(catalog: Catalog) -> None:
    listed: dict[str, list[str]] = {}
    for one in catalog.units:
        listed.setdefault(one.kind, []).append(f"{one.unit} {one.name_zh}")
    assert {kind: ", ".join(units) for kind, units in listed.items()} == FACTS["units"]
    assert len(catalog.units) == 22
    assert {one.unit for one in catalog.units if not one.files} == {"360792", "360793"}
    assert {one.unit: one.host for one in catalog.units if one.host} == {
        "360791": "360702",
        "360792": "360702",
        "360793": "360783",
    }
    assert {one.valid_from for one in catalog.units} == {dt.date(2024, 1, 1)}


def test_the_code_lists(catalog: Catalog) -> None:
    assert [one.measure for one in catalog.measures] == list(range(1, 11))
    assert {one.chain: one.confirmed for one in catalog.chains} == FACTS["chains"]
    assert {one.cluster: one.confirmed for one in catalog.clusters} == FACTS["clusters"]
    assert {one.rate: one.amount for one in catalog.rates} == FACTS["rates"]


def test_the_register_of_rules(catalog: Catalog) -> None:
    severities: dict[str, set[str]] = {}
    for rule in catalog.rules:
        severities.setdefault(rule.severity, set()).add(rule.rule)
    assert severities == {severity: set(rules) for severity, rules in FACTS["rules"].items()}
    assert len(catalog.rules) == 39
    assert Counter(rule.stage for rule in catalog.rules) == {"return": 9, "ledger": 7, "cell": 11, "row": 12}


def test_the_frame(catalog: Catalog) -> None:
    programme = catalog.programme
    assert (programme.months[0], programme.months[-1]) == (dt.date(2024, 1, 1), dt.date(2026, 12, 1))
    assert len(programme.months) == 36
    assert (programme.due_day, programme.time_zone, programme.small_number_maximum) == (
        5,
        "Asia/Shanghai",
        10,
    )
    assert {"-", "—", "/", "无"} <= set(programme.missing_values)


def test_everything_has_a_chinese_and_an_english_name(catalog: Catalog) -> None:
    pairs = [(one.name_zh, one.name_en) for one in catalog.measures]
    pairs += [(one.name_zh, one.name_en) for one in catalog.indicators]
    pairs += [(one.unit, one.unit_en) for one in catalog.indicators if one.unit != "%"]
    pairs += [(one.name_zh, one.name_en) for one in catalog.units]
    pairs += [(one.name_zh, one.name_en) for one in catalog.chains]
    pairs += [(one.name_zh, one.name_en) for one in catalog.clusters]
    pairs += [(one.definition_zh, one.definition_en) for one in catalog.indicators]
    pairs += [(field.title, field.description) for ledger in catalog.ledgers for field in ledger.fields]
    for chinese, english in pairs:
        assert not chinese.isascii() or chinese.isupper()
        assert english.replace("“", "").replace("”", "").replace("’", "").isascii(), english


# A broken catalog


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The catalog's files, to be changed."""
    target = tmp_path / "catalog"
    shutil.copytree(CATALOG_DIRECTORY, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return target


def problems(directory: Path) -> tuple[str, ...]:
    with pytest.raises(CatalogError) as caught:
        load_catalog(directory)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


@pytest.mark.parametrize("name", SLIPS)
def test_a_broken_catalog_is_refused_with_file_and_line(name: str, copy: Path) -> None:
    slip = SLIPS[name]
    file, old = slip["file"], slip["old"]
    text = (copy / file).read_text(encoding="utf-8")
    place = text.index(old)
    line = text.count("\n", 0, place) + 1
    (copy / file).write_text(text[:place] + slip["new"] + text[place + len(old) :], encoding="utf-8")
    found = problems(copy)
    about = [one for one in found if one.startswith(f"{file}:{line}: ")]
    assert any(all(word in one for word in slip["words"]) for one in about), (line, found)


def test_duplicates_are_refused(copy: Path) -> None:
    for file, line, words in [
        ("units.csv", "360731,GB/T 2260,于东县,于东,Yudong,Yudong,county,,true,,,2024-01-01,,", "360731"),
        ("targets.csv", "competitions,2024,city,,31,even,", "competitions"),
        ("chains.csv", "electronics,电子二,Electronics two,true,planned,", "electronics"),
        ("rates.csv", "venue_subsidy,1,yuan,一,one", "venue_subsidy"),
    ]:
        path = copy / file
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")
        assert any(
            one.startswith(f"{file}:") and words in one and "declared 2 times" in one
            for one in problems(copy)
        )


def test_all_problems_are_told_at_once(copy: Path) -> None:
    for file, old, new in [
        ("indicators.yaml", "ledgers: [apprenticeships]", "ledgers: [pupils]"),
        ("units.csv", "zone,360783,false", "zone,360784,false"),
        ("ledgers/activity_venues.yaml", "rule: R303", "rule: R399"),
    ]:
        text = (copy / file).read_text(encoding="utf-8")
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    assert {one.split(":")[0] for one in problems(copy)} == {
        "indicators.yaml",
        "units.csv",
        "ledgers/activity_venues.yaml",
    }


BREAKAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a file is missing": ("measures.csv", lambda directory: (directory / "measures.csv").unlink()),
    "a ledger is not in the order": (
        "ledgers.yaml",
        lambda directory: (directory / "ledgers/pupils.yaml").write_text("name: pupils\n"),
    ),
    "a ledger's file is missing": (
        "ledgers.yaml",
        lambda directory: (directory / "ledgers/honours.yaml").unlink(),
    ),
    "no YAML": ("rules.yaml", lambda directory: (directory / "rules.yaml").write_text("rules: [")),
    "no list": ("indicators.yaml", lambda directory: (directory / "indicators.yaml").write_text("a: 1\n")),
    "an empty file": ("programme.yaml", lambda directory: (directory / "programme.yaml").write_text("")),
    "a kind without texts": (
        "kinds.yaml",
        lambda directory: (directory / "kinds.yaml").write_text("kinds: []\n"),
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_files_that_are_missing_or_no_declarations_are_named(name: str, copy: Path) -> None:
    file, damage = BREAKAGES[name]
    damage(copy)
    assert any(one.startswith(file) for one in problems(copy))


# Growth


def grow(copy: Path) -> Catalog:
    """The catalog with one more indicator, its target and one more alias: declarations, no Python."""
    with (copy / "indicators.yaml").open("a", encoding="utf-8") as indicators:
        indicators.write(
            "  - {code: large_trainings, measure: 4, name_zh: 县级培训人数, name_en: County trainees,\n"
            "     unit: 人, unit_en: people, horizon: annual, comparison: at_least, scope: city, source: a,\n"
            "     definition_zh: 当年县级技能培训人数。, definition_en: Trainees at county level,\n"
            "     ledgers: [skills_trainings], value: {sum: participants}, where: {level: [县级]}}\n"
        )
    with (copy / "targets.csv").open("a", encoding="utf-8") as targets:
        targets.write("large_trainings,2024,city,,120,quarterly,1;1;2;2\n")
    return load_catalog(copy)


def test_a_new_indicator_is_one_entry_in_a_file(copy: Path, tmp_path: Path, catalog: Catalog) -> None:
    grown = grow(copy)
    assert [one.code for one in grown.indicators if one not in catalog.indicators] == ["large_trainings"]
    assert grown.version != catalog.version
    world = World(tmp_path / "home", grown)
    rows = [
        {"name": f"第{number}期", "level": "县级", "held_on": dt.date(2024, 3, 5), "participants": 30}
        for number in range(2)
    ]
    world.hand_in(Return("360731", "2024-03", {"skills_trainings": rows}))
    _, connection = world.build()
    with connection:
        found = connection.execute(
            "SELECT value, target, expected_to_date, pace FROM mart.indicator_progress"
            " WHERE indicator = 'large_trainings' AND unit IS NULL AND month = DATE '2024-03-01'"
        ).fetchall()
    assert found == [(60, 120, 20, "AHEAD")]


def test_the_version_follows_the_files(copy: Path, catalog: Catalog) -> None:
    assert load_catalog(copy).version == catalog.version
    grown = copy.parent / "grown"
    shutil.copytree(copy, grown)
    with (grown / "programme.yaml").open("a", encoding="utf-8") as programme:
        programme.write("# a word\n")
    assert load_catalog(grown).version != catalog.version


def test_no_name_of_the_domain_stands_in_python(catalog: Catalog) -> None:
    """Units, chains and indicators are known by the catalog's files alone."""
    packages = CATALOG_DIRECTORY.parents[1]
    names = {name for unit in catalog.units for name in (unit.name_zh, unit.short_zh, unit.unit)}
    names |= {one.name_zh for one in catalog.chains} | {one.name_zh for one in catalog.clusters}
    names |= {one.name_zh for one in catalog.indicators}
    names |= {ledger.title for ledger in catalog.ledgers}

    def mentions() -> Iterator[tuple[str, str]]:
        for package in ("etl", "warehouse", "graphql_api"):
            for path in (packages / package).rglob("*.py"):
                text = path.read_text(encoding="utf-8")
                yield from ((path.name, name) for name in names if f'"{name}' in text or f"'{name}" in text)

    assert list(mentions()) == []


def test_decimals_are_exact(catalog: Catalog) -> None:
    assert all(isinstance(one.amount, Decimal) for one in catalog.rates)
    assert all(isinstance(one.target, Decimal) for one in catalog.targets)
