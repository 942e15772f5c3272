"""The checks of one ledger with other libraries, as one would write them there.

What belongs here: types, required cells, listed values, ranges, the ledger's row rules, repeated events
(R310) and the credit code's check character, each wrong row found. What does not: words for the county; these
sides make none, and are the faster for it.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import frictionless
import numpy as np
import pandas as pd
import pandera.pandas as pa

from tests.benchmarks.data import LEDGER
from tests.support.table_schema import RESOURCE_PROFILE, descriptor
from warehouse.catalog import load_catalog

_CATALOG = load_catalog()
_LEDGER = _CATALOG.ledger_by_name[LEDGER]
_PROGRAMME = _CATALOG.programme
_FIRST_DAY, _LAST_DAY = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-03-31")
_RATES = {str(year): float(_CATALOG.rate_amounts[f"insurance_rate_{year}"]) for year in (2024, 2025, 2026)}
_TRUTHS = {
    **dict.fromkeys(_PROGRAMME.true_values, True),
    **dict.fromkeys(_PROGRAMME.false_values, False),
}
_CHAINS = {name: one.chain for one in _CATALOG.chains for name in (one.name_zh, *one.aliases)}
_CLUSTERS = {name: one.cluster for one in _CATALOG.clusters for name in (one.name_zh, *one.aliases)}

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
#: GB 32100: the check character makes the weighted sum divisible by 31.
_WEIGHTS = [*(pow(3, place, 31) for place in range(17)), 1]
_DIGITS = np.full(256, -1)
_DIGITS[np.frombuffer(_ALPHABET.encode(), np.uint8)] = np.arange(31)


# pandas and pandera


def _are_codes(codes: pd.Series) -> pd.Series:
    characters = codes.str.len().eq(18).to_numpy() & codes.str.isascii().to_numpy()
    texts = np.where(characters, codes, "!" * 18).astype("S18")
    digits = _DIGITS[texts.view(np.uint8).reshape(-1, 18)]
    return pd.Series((digits >= 0).all(axis=1) & (digits @ np.array(_WEIGHTS) % 31 == 0), index=codes.index)


def _right_rates(frame: pd.DataFrame) -> pd.Series:
    in_7510 = frame["chain"].notna() | frame["cluster"].notna()
    wanted = frame["year"].map(_RATES).where(frame["newly_enrolled"].eq(True) & in_7510, 0)
    return frame["subsidy_rate"].isna() | frame["subsidy_rate"].eq(wanted)


def _right_sums(frame: pd.DataFrame) -> pd.Series:
    difference = frame["subsidy"] * 100 - frame["premium"] * frame["subsidy_rate"]
    return difference.isna() | difference.abs().le(1)


def _right_years(frame: pd.DataFrame) -> pd.Series:
    return frame["enrolled_on"].isna() | frame["enrolled_on"].dt.year.astype(str).eq(frame["year"])


_SCHEMA = pa.DataFrameSchema(
    {
        "enterprise": pa.Column(str, pa.Check.str_length(max_value=500), nullable=False),
        "credit_code": pa.Column(str, pa.Check(_are_codes), nullable=True),
        "chain": pa.Column(str, nullable=True),
        "cluster": pa.Column(str, nullable=True),
        "note": pa.Column(str, pa.Check.str_length(max_value=500), nullable=True),
        "year": pa.Column(str, pa.Check.isin(list(_RATES)), nullable=False),
        "enrolled_on": pa.Column("datetime64[us]", pa.Check.in_range(_FIRST_DAY, _LAST_DAY), nullable=False),
        "newly_enrolled": pa.Column("boolean", nullable=False),
        "insured": pa.Column(float, [pa.Check.ge(1), pa.Check(lambda one: one % 1 == 0)], nullable=False),
        "premium": pa.Column(float, pa.Check.gt(0), nullable=False),
        "subsidy_rate": pa.Column(float, pa.Check.in_range(0, 100), nullable=False),
        "subsidy": pa.Column(float, pa.Check.ge(0), nullable=False),
    },
    checks=[pa.Check(_right_years), pa.Check(_right_rates), pa.Check(_right_sums)],
    unique=list(_LEDGER.primary_key),
)


def pandera_wrong_rows(path: Path) -> dict[str, int]:
    """How many rows a CSV file has, and how many of them are wrong."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=list(_PROGRAMME.missing_values))
    frame = frame.rename(columns={field.title: field.name for field in _LEDGER.stored_fields})
    for name in ("insured", "premium", "subsidy_rate", "subsidy"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
    frame["enrolled_on"] = pd.to_datetime(frame["enrolled_on"], format="%Y-%m-%d", errors="coerce").astype(
        "datetime64[us]"
    )
    frame["newly_enrolled"] = frame["newly_enrolled"].map(_TRUTHS).astype("boolean")
    frame["chain"] = frame["chain"].map(_CHAINS).astype("str")
    frame["cluster"] = frame["cluster"].map(_CLUSTERS).astype("str")
    try:
        _SCHEMA.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        wrong = errors.failure_cases["index"]
        if wrong.isna().any():
            raise RuntimeError("the frame is not what the schema is about") from errors
        return {"rows": len(frame), "wrong": int(wrong.nunique())}
    return {"rows": len(frame), "wrong": 0}


# Frictionless


@functools.lru_cache(100_000)
def _is_code(code: str) -> bool:
    digits = [_ALPHABET.find(character) for character in code]
    return len(digits) == 18 and min(digits) >= 0 and sum(map(int.__mul__, digits, _WEIGHTS)) % 31 == 0


class _RowRules(frictionless.Check):
    """The rules that a Table Schema cannot say."""

    type = "row-rules"
    Errors = [frictionless.errors.RowConstraintError]  # noqa: RUF012 - the library's way

    def validate_row(self, row: Any) -> Iterable[Any]:
        titles = {field.name: field.title for field in _LEDGER.stored_fields}
        one = {name: row[title] for name, title in titles.items()}
        if not all(_rules_hold(one)):
            yield frictionless.errors.RowConstraintError.from_row(row, note="a rule of the ledger is broken")


def _rules_hold(one: dict[str, Any]) -> Iterable[bool]:
    if one["credit_code"] is not None:
        yield _is_code(one["credit_code"])
    day: dt.date | None = one["enrolled_on"]
    if day is not None:
        yield str(day.year) == one["year"]
        yield _FIRST_DAY.date() <= day <= _LAST_DAY.date()
    rate, premium, subsidy = one["subsidy_rate"], one["premium"], one["subsidy"]
    if rate is not None and one["newly_enrolled"] is not None:
        in_7510 = one["chain"] in _CHAINS or one["cluster"] in _CLUSTERS
        yield rate == (_RATES[one["year"]] if one["newly_enrolled"] and in_7510 else 0)
    if None not in (rate, premium, subsidy):
        yield abs(subsidy * 100 - premium * rate) <= 1


def frictionless_wrong_rows(path: Path) -> dict[str, int]:
    """How many rows a CSV file has, and how many of them are wrong."""
    titles = [_LEDGER.field(name).title for name in _LEDGER.primary_key]
    resource = frictionless.Resource.from_descriptor(
        {
            "$schema": RESOURCE_PROFILE,
            "name": _LEDGER.name,
            "path": path.name,
            "encoding": "utf-8",
            "schema": {**descriptor(_LEDGER, by_title=True), "primaryKey": titles},
        },
        basepath=str(path.parent),
        detector=frictionless.Detector(schema_sync=True),
    )
    report = resource.validate(frictionless.Checklist(checks=[_RowRules()]), limit_errors=10_000_000)
    (task,) = report.tasks
    errors: Sequence[Any] = task.errors
    return {"rows": task.stats["rows"], "wrong": len({error.row_number for error in errors})}
