"""The scalars of the schema: how they are written, and what is said of a wrong one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NewType, NoReturn
from zoneinfo import ZoneInfo

import strawberry
from strawberry.types.scalar import ScalarDefinition

from graphql_api.uploads import UploadedFile
from warehouse.catalog import load_catalog
from warehouse.reading.figures import decimal_text
from warehouse.reading.problems import InputProblem, month_text

#: A month, as its first day.
YearMonth = NewType("YearMonth", dt.date)

#: What passes as a value of each scalar of our own, in words.
PASSES = {
    "Upload": "a file sent as a GraphQL multipart request, with null in its place in the variables",
    "YearMonth": "a month written YYYY-MM, for example 2024-03",
    "Date": "a day written YYYY-MM-DD, for example 2024-03-05",
    "DateTime": "a moment with its zone, for example 2024-03-05T08:00:00+08:00",
    "Decimal": 'an exact number as a string, for example "1234.5"',
}

_YEAR_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def _parser(parse: Callable[[str], Any], expected: str) -> Callable[[Any], Any]:
    """A parser that takes text only, and says what was expected."""

    def parse_value(given: Any) -> Any:
        if isinstance(given, str):
            try:
                return parse(given)
            except (ValueError, InvalidOperation):
                pass
        # Which argument it is stands in the document, not here.
        raise InputProblem("", given, expected)

    return parse_value


def _parse_month(text: str) -> dt.date:
    match = _YEAR_MONTH.fullmatch(text)
    if match is None:
        raise ValueError
    return dt.date(int(match[1]), int(match[2]), 1)


def _parse_decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError
    return number


def _datetime_text(moment: dt.datetime) -> str:
    """In the programme's time zone."""
    return moment.astimezone(ZoneInfo(load_catalog().programme.time_zone)).isoformat()


def _uploaded(given: Any) -> UploadedFile:
    """Raises: InputProblem: it is no file that came with the request."""
    if isinstance(given, UploadedFile):
        return given
    raise InputProblem("", given, PASSES["Upload"])


def _never_written(_: object) -> NoReturn:
    raise TypeError("files are handed in only")


SCALARS: dict[object, ScalarDefinition] = {
    UploadedFile: strawberry.scalar(
        name="Upload",
        description="A file of a multipart request (上传文件).",
        serialize=_never_written,
        parse_value=_uploaded,
    ),
    YearMonth: strawberry.scalar(
        name="YearMonth",
        description="A month, such as `2024-03` (年月).",
        serialize=month_text,
        parse_value=_parser(_parse_month, PASSES["YearMonth"]),
    ),
    dt.date: strawberry.scalar(
        name="Date",
        description="A day, such as `2024-03-05` (日期).",
        serialize=dt.date.isoformat,
        parse_value=_parser(dt.date.fromisoformat, PASSES["Date"]),
    ),
    dt.datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in the programme's time zone, such as `2024-03-05T08:00:00+08:00` (时间).",
        serialize=_datetime_text,
        parse_value=_parser(dt.datetime.fromisoformat, PASSES["DateTime"]),
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact number as a string without trailing zeros, `90` or `1234.5` (精确小数).",
        serialize=decimal_text,
        parse_value=_parser(_parse_decimal, PASSES["Decimal"]),
    ),
}
