"""Handing in: the only thing that a client may change.

What belongs here: arguments and roles in, the intake's receipt out. What does not: reading and checking
(``etl``), files in requests (``uploads``).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_api.context import Info, given
from graphql_api.fields import resolved
from graphql_api.receipt_types import issue_of, return_of
from graphql_api.return_types import Issue, Return
from graphql_api.scalars import YearMonth
from graphql_api.uploads import UploadedFile
from warehouse.catalog import load_catalog
from warehouse.reading.problems import Forbidden, check_code, check_month, month_text
from warehouse.reading.viewer import Viewer

if TYPE_CHECKING:  # the intake is heavy, and most servers are asked far more often than handed to
    from etl.submitting import Submission

#: So many issues are told in the answer; all of them stand in ``return { issues }``.
ISSUES_MAXIMUM = 1_000


@strawberry.type(description="What became of a file that was handed in (报送结果).")
class SubmitReturnResult:
    """The answer to a file."""

    return_: Return | None = strawberry.field(
        name="return",
        description="The return as it was landed; null after a dry run, and where its unit or month is not "
        "known. Its status is that of the check; it counts from the next publication on (报表).",
    )
    issues: list[Issue] = strawberry.field(
        description=f"What was found, in the order of the file, the first {ISSUES_MAXIMUM} (问题清单)."
    )
    accepted: bool = strawberry.field(
        description="Whether it was not rejected; rows with an error may still be held out (是否采纳)."
    )
    duplicate: bool = strawberry.field(
        description="Whether the same file had been received before for the same unit and month; the answer "
        "is about that return (是否重复报送)."
    )
    return_id: strawberry.ID | None = strawberry.field(
        description="Id of the return, also where its unit or month is not known; null after a dry run "
        "(报表编号)."
    )


@strawberry.type(description="What can be changed (变更).")
class Mutation:
    """The root of changes."""

    @resolved(
        description="Hand in a workbook, as a multipart request. Needs a token of the unit or of the city. "
        "The file is landed and checked; the next run brings it into the figures (报送报表)."
    )
    def submit_return(
        self,
        info: Info,
        file: Annotated[UploadedFile, strawberry.argument(description="The workbook, or one ledger (文件).")],
        unit: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Code of the unit, where the file does not tell it (填报单位代码)."
            ),
        ] = strawberry.UNSET,
        period: Annotated[
            YearMonth | None,
            strawberry.argument(description="The month, where the file does not tell it (统计月份)."),
        ] = strawberry.UNSET,
        dry_run: Annotated[
            bool, strawberry.argument(description="Check only; nothing is kept (仅校验).")
        ] = False,
    ) -> SubmitReturnResult:
        """Hands a file in."""
        viewer = info.context.reading.viewer
        stated_unit, month = given(unit), given(period)
        _check(viewer, stated_unit, month)
        with file.as_path(info.context.home) as path:
            submission = _submitted(info, path, stated_unit, month, dry_run=dry_run)
        document, reception = submission.document, submission.reception
        return SubmitReturnResult(
            return_=None if reception is None else return_of(document, reception, info.context.codes),
            issues=[issue_of(issue) for issue in document["issues"][:ISSUES_MAXIMUM]],
            accepted=document["status"] != "REJECTED",
            duplicate=submission.duplicate,
            return_id=None if reception is None else strawberry.ID(reception.return_id),
        )


def _check(viewer: Viewer, unit: str | None, month: dt.date | None) -> None:
    """Raises: Forbidden or InputProblem: the viewer may not hand this in, whatever the file is."""
    viewer.require_submitting()
    catalog = load_catalog()
    if unit is not None:
        check_code("unit", unit, catalog.unit_by_code, "units")
        if not viewer.may_submit_for(unit):
            raise Forbidden(
                f"this token hands in for unit {viewer.unit} only, not for {unit} / "
                f"该令牌只能为单位 {viewer.unit} 报送"
            )
    if month is not None:
        check_month("period", month, catalog.programme.months)


def _submitted(
    info: Info, path: Path, unit: str | None, month: dt.date | None, *, dry_run: bool
) -> Submission:
    from etl.intake import Stated
    from etl.submitting import submit_file, try_file

    viewer, home = info.context.reading.viewer, info.context.home
    # R005 compares: a unit that hands in for another one is told so in the receipt.
    stated = Stated(unit, None if month is None else month_text(month), viewer.unit)
    return (try_file if dry_run else submit_file)(home, load_catalog(), path, stated)
