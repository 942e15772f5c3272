"""How a unit and a month are understood on the command line, by names and spellings as in a return.

What belongs here: callbacks for options. What does not: the options' words, which differ by command.
"""

from __future__ import annotations

import click

from etl.intake.identity import UnitNames, understand_month
from warehouse.catalog import load_catalog


def understood_unit(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The code of the unit that is meant; an unknown one is a wrong call, not a wrong return."""
    if value is None:
        return None
    unit = UnitNames(load_catalog()).understand(value)
    if unit is None:
        raise click.BadParameter(
            f"“{value}”不是填报单位；请写单位的六位代码或名称\n"
            f"“{value}” is no unit; write its six-digit code or its name"
        )
    return unit


def understood_period(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The month that is meant, as ``YYYY-MM``; one outside the programme is a wrong call."""
    if value is None:
        return None
    months = [f"{month:%Y-%m}" for month in load_catalog().programme.months]
    period = understand_month(value)
    if period not in months:
        raise click.BadParameter(
            f"“{value}”不是 {months[0]} 至 {months[-1]} 之间的月份；请写成 2024-03\n"
            f"“{value}” is no month from {months[0]} to {months[-1]}; write it like 2024-03"
        )
    return period
