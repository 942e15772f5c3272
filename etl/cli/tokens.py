"""The commands over tokens: who may ask the API for what, and hand in for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import click

from etl.cli.arguments import understood_unit
from etl.cli.output import json_option, print_json, say
from warehouse.catalog import load_catalog
from warehouse.reading.viewer import Role, Viewer
from warehouse.settings import Home, user
from warehouse.tokens import Token, TokenLog, UnknownToken

_ROLES = [role.value for role in Role if role is not Role.PUBLIC]
_by = click.option(
    "--by",
    default=user,
    metavar="NAME",
    help="Who does it; by default UNION7510_USER, or your own name.",
)


@click.group()
def token() -> None:
    """Make, list and revoke the tokens that clients of the API send as `Authorization: Bearer …`."""


@token.command("create")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What the token shows and permits.")
@click.option("--unit", callback=understood_unit, help="Code or name of the unit; with the role unit only.")
@click.option("--note", required=True, metavar="TEXT", help="For whom or what it is; `token list` shows it.")
@click.option("--expires", metavar="DATE", help="The last day on which it holds, such as 2025-12-31.")
@_by
@json_option
def create(
    role: str, unit: str | None, note: str, expires: str | None, by: str | None, as_json: bool
) -> None:
    """Make a token and print it: this once, for only its SHA-256 is kept.

    A unit's token sees that unit's returns, rows and small numbers, and hands in for it; an analyst's sees
    small numbers of all units; the city's sees everything, and hands in for every unit.
    """
    if (role == Role.UNIT) is not (unit is not None):
        needed = "needs" if unit is None else "takes no"
        example = f"--role {Role.UNIT} --unit {load_catalog().units[0].unit}"
        raise click.UsageError(f"the role {role} {needed} --unit, for example {example}")
    secret, made = _log().create(Viewer(Role(role), unit), note=note, by=by, expires_at=_end_of(expires))
    if as_json:
        print_json({"token": secret, **_document(made)})
        return
    click.echo(secret)
    say(f"{made.id}: {_words(made)}. The token is shown this once; keep it like a password")


@token.command("list")
@json_option
def list_tokens(as_json: bool) -> None:
    """List every token that was ever made, the newest first; never the secret itself."""
    documents = [_document(made) for made in reversed(_log().tokens())]
    if as_json:
        print_json(documents)
        return
    for document in documents:
        who = " ".join(filter(None, (document["role"], document["unit"])))
        until = document["expiresAt"] or "until it is revoked"
        click.echo(f"{document['id']}  {document['state']:<8} {who:<12} {until:<26} {document['note']}")
    if not documents:
        say("there are no tokens yet; `union7510 token create` makes one")


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@_by
@json_option
def revoke(token_id: str, by: str | None, as_json: bool) -> None:
    """Revoke a token: from the next request on, the API refuses it."""
    try:
        revoked = _log().revoke(token_id, by=by)
    except UnknownToken as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json(_document(revoked))
    else:
        click.echo(f"{revoked.id} is revoked: {_words(revoked)}")


def _log() -> TokenLog:
    return TokenLog(Home.from_environment())


def _end_of(day: str | None) -> dt.datetime | None:
    """The moment after the last one of a day, in the programme's time zone."""
    if day is None:
        return None
    zone = ZoneInfo(load_catalog().programme.time_zone)
    try:
        last = dt.date.fromisoformat(day)
    except ValueError:
        raise click.BadParameter(f"--expires: {day!r} is no day; write it like 2025-12-31") from None
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
    if end <= dt.datetime.now(zone):
        raise click.BadParameter(f"--expires: {day} is over; give a day that is still to come, or today")
    return end


def _words(made: Token) -> str:
    who = f"unit {made.unit}" if made.unit else f"role {made.role}"
    return f"{who}, {made.note}"


def _document(made: Token) -> dict[str, Any]:
    return {
        "id": made.id,
        "role": made.role.value,
        "unit": made.unit,
        "note": made.note,
        "state": made.state(dt.datetime.now(dt.UTC)),
        "createdAt": made.created_at,
        "createdBy": made.created_by,
        "expiresAt": made.expires_at,
        "revokedAt": made.revoked_at,
        "revokedBy": made.revoked_by,
    }


COMMANDS = (token,)
