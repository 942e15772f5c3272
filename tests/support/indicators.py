"""What each indicator counts, told a second time: in Python, from the programme's list and not the catalog.

What belongs here: for each indicator what one row adds, over which span, against which target; for each
ledger its natural key and date. What does not: which rows are in force (``oracle``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tests.support.returns import Value

Values = Mapping[str, Value]
#: What a row adds to numerator and denominator; None for a row that does not count.
Term = Callable[[Values], tuple[Decimal, Decimal | None] | None]

#: Natural key, and the date on which the event counts.
KEYS: dict[str, tuple[tuple[str, ...], str]] = {
    "honours": (("honour_type", "level", "recipient", "enterprise", "conferred_on"), "conferred_on"),
    "competitions": (("name", "starts_on", "series"), "starts_on"),
    "innovation_studios": (("name", "level"), "named_on"),
    "innovation_trainings": (("studio", "topic", "held_on"), "held_on"),
    "apprenticeships": (("studio", "master", "signed_on"), "signed_on"),
    "skills_trainings": (("name", "held_on", "level"), "held_on"),
    "craftsman_colleges": (("name", "applied_on"), "applied_on"),
    "activity_venues": (("name",), "accepted_on"),
    "demonstration_unions": (("enterprise", "standard"), "accepted_on"),
    "health_checkups": (("enterprise", "institution", "held_on"), "held_on"),
    "cancer_screenings": (("enterprise", "institution", "held_on"), "held_on"),
    "mutual_insurance": (("enterprise", "year"), "enrolled_on"),
    "health_services": (("service", "place", "held_on"), "held_on"),
    "recuperation": (("batch", "starts_on"), "starts_on"),
    "outreach_events": (("name", "held_on"), "held_on"),
    "matchmaking_events": (("name", "held_on"), "held_on"),
    "matchmakers": (("name", "enterprise", "recommended_on"), "recommended_on"),
    "childcare_classes": (("name", "starts_on"), "starts_on"),
    "childcare_employers": (("enterprise", "level", "accredited_on"), "accredited_on"),
}


@dataclass(frozen=True)
class Expectation:
    """One indicator; ``target`` is that of each year, or of the programme."""

    ledgers: tuple[str, ...]
    term: Term
    horizon: Literal["annual", "programme"]
    target: int | None
    is_ratio: bool = False
    by_counties: bool = False
    sensitive: bool = False


def _in_7510(row: Values) -> bool:
    return row.get("chain") is not None or row.get("cluster") is not None


def _rows(condition: Callable[[Values], bool]) -> Term:
    return lambda row: (Decimal(1), None) if condition(row) else None


def _sum(column: str, condition: Callable[[Values], bool]) -> Term:
    return lambda row: (_number(row.get(column)), None) if condition(row) else None


def _share(of: Callable[[Values], bool], among: Callable[[Values], bool]) -> Term:
    return lambda row: (Decimal(of(row)), Decimal(1)) if among(row) else None


def _number(value: Value) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


def _every(_row: Values) -> bool:
    return True


_MUNICIPAL_OR_ABOVE = {"市级", "省级", "国家级"}
_COLLECTIVES = {"五一劳动奖状", "工人先锋号"}
_COUNTED_HONOURS = {"劳动模范", "五一劳动奖章", *_COLLECTIVES}


def _honour(kinds: set[str]) -> Callable[[Values], bool]:
    return lambda row: row["honour_type"] in kinds and row["level"] in _MUNICIPAL_OR_ABOVE


def _honour_7510(kinds: set[str]) -> Callable[[Values], bool]:
    return lambda row: _honour(kinds)(row) and _in_7510(row)


def _is(column: str, *values: Value) -> Callable[[Values], bool]:
    return lambda row: row.get(column) in values


EXPECTATIONS: dict[str, Expectation] = {
    # 1 honours
    "model_workers": Expectation(("honours",), _rows(_honour_7510({"劳动模范"})), "programme", 90),
    "may_day_medals": Expectation(("honours",), _rows(_honour_7510({"五一劳动奖章"})), "programme", 60),
    "may_day_collectives": Expectation(("honours",), _rows(_honour_7510(_COLLECTIVES)), "programme", 40),
    "honours_7510_share": Expectation(
        ("honours",), _share(_in_7510, _honour(_COUNTED_HONOURS)), "programme", 30, is_ratio=True
    ),
    "craftsmen_recommended": Expectation(("honours",), _rows(_is("honour_type", "赣州工匠")), "annual", None),
    # 2 competitions
    "competitions": Expectation(("competitions",), _rows(_is("series", "虔能杯")), "annual", 30),
    "drill_participations": Expectation(
        ("competitions",), _sum("drill_participations", _is("series", "虔能杯")), "annual", 50_000
    ),
    "tiangong_applications": Expectation(("competitions",), _rows(_is("series", "天工杯")), "annual", None),
    "competition_subsidy": Expectation(("competitions",), _sum("subsidy", _every), "annual", None),
    "medal_recommendations": Expectation(
        ("competitions",), _sum("medal_recommendations", _every), "annual", None
    ),
    # 3 innovation
    "innovation_studios": Expectation(
        ("innovation_studios",), _rows(_is("level", "省级", "市级")), "annual", 10
    ),
    "innovation_studios_7510": Expectation(
        ("innovation_studios",),
        _rows(lambda row: row["level"] in {"省级", "市级"} and _in_7510(row)),
        "annual",
        5,
    ),
    "innovation_trainings": Expectation(("innovation_trainings",), _rows(_every), "annual", 110),
    "apprenticeships": Expectation(("apprenticeships",), _sum("apprentices", _every), "annual", 1_100),
    "innovation_participants": Expectation(
        ("innovation_trainings",), _sum("innovators", _every), "annual", 10_000
    ),
    # 4 skills
    "city_skills_trainings": Expectation(("skills_trainings",), _rows(_is("level", "市级")), "annual", 10),
    "county_skills_trainings": Expectation(
        ("skills_trainings",), _rows(_is("level", "县级")), "annual", 5, by_counties=True
    ),
    "craftsman_colleges": Expectation(("craftsman_colleges",), _rows(_every), "annual", None),
    # 5 venues and unions
    "activity_venues": Expectation(("activity_venues",), _rows(_every), "annual", 10),
    "liuyou_unions": Expectation(("demonstration_unions",), _rows(_is("standard", "六有")), "annual", 20),
    "liuguifan_unions": Expectation(
        ("demonstration_unions",), _rows(_is("standard", "六规范")), "annual", 20
    ),
    "venues_programme": Expectation(("activity_venues",), _rows(_every), "programme", 30),
    "demonstration_unions": Expectation(("demonstration_unions",), _rows(_every), "programme", 120),
    "grassroots_subsidy": Expectation(
        ("activity_venues", "demonstration_unions"), _sum("subsidy", _every), "annual", None
    ),
    # 6 health
    "health_checkups": Expectation(
        ("health_checkups",), _sum("workers", _in_7510), "annual", 2_000, sensitive=True
    ),
    "cancer_screenings": Expectation(
        ("cancer_screenings",),
        _sum("workers", _is("employment", "民营企业", "新就业形态")),
        "annual",
        1_500,
        sensitive=True,
    ),
    "mutual_insurance_enrolled": Expectation(
        ("mutual_insurance",), _sum("insured", _is("newly_enrolled", True)), "annual", None
    ),
    "mutual_insurance_subsidy": Expectation(("mutual_insurance",), _sum("subsidy", _every), "annual", None),
    "health_services": Expectation(("health_services",), _rows(_every), "annual", 20),
    # 7 recuperation
    "recuperation_workers": Expectation(
        ("recuperation",), _sum("frontline_workers", _every), "annual", 2_000
    ),
    "recuperation_7510_workers": Expectation(
        ("recuperation",), _sum("frontline_workers", _in_7510), "annual", None
    ),
    # 8 outreach
    "outreach_events": Expectation(
        ("outreach_events",), _rows(lambda row: row.get("cluster") is not None), "annual", 20
    ),
    "festivals": Expectation(
        ("outreach_events",), _rows(_is("event_type", "文化艺术节", "体育节")), "programme", None
    ),
    # 9 matchmaking
    "matchmaking_events": Expectation(("matchmaking_events",), _rows(_every), "annual", 15, sensitive=True),
    "matchmakers": Expectation(("matchmakers",), _rows(_every), "annual", None),
    # 10 childcare
    "childcare_classes": Expectation(("childcare_classes",), _rows(_every), "annual", 10),
    "childcare_employers": Expectation(("childcare_employers",), _rows(_every), "annual", None),
    "childcare_subsidy": Expectation(("childcare_employers",), _sum("subsidy", _every), "annual", None),
}
