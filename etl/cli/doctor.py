"""The command ``doctor``: what is wrong with the installation or the data, and what mends it."""

from __future__ import annotations

import sys

import click

from etl.cli.output import EXIT_DATA_HAS_PROBLEMS, EXIT_SYSTEM_FAILED, json_option, print_json, say
from warehouse.settings import Home

_MARKS = {"fine": "  ok", "note": "note", "data": "DATA", "system": "FAIL"}
_EXIT_CODES = {"data": EXIT_DATA_HAS_PROBLEMS, "system": EXIT_SYSTEM_FAILED}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Say what is wrong with this installation or this data, and what mends it. Changes nothing.

    Exit code 0: nothing, 1: the data (DATA), 3: the installation or what is stored (FAIL).
    """
    from etl.doctor import examine
    from etl.doctor.findings import Gravity, gravest

    findings = []
    for one in examine(Home.from_environment()):
        findings.append(one)
        if not as_json:
            click.echo(f"{_MARKS[one.gravity]}  {one.subject}: {one.words}")
            if one.remedy is not None and one.gravity is not Gravity.FINE:
                click.echo(f"      → {one.remedy}")
    if as_json:
        print_json(
            {
                "gravity": gravest(findings),
                "findings": [
                    {"subject": one.subject, "gravity": one.gravity, "words": one.words, "remedy": one.remedy}
                    for one in findings
                ],
            }
        )
    else:
        wrong = sum(one.gravity in _EXIT_CODES for one in findings)
        say(f"{wrong} of {len(findings)} findings want mending; bytes and audits: union7510 verify")
    sys.exit(_EXIT_CODES.get(gravest(findings), 0))


COMMANDS = (doctor,)
