"""Who asks, and what they may see: the one place that decides, and refuses what no rule allows.

What belongs here: roles, and the rule of each thing that not everybody may see or do. What does not: how a
request proves who asks (``graphql_api.authentication``), which numbers are small (``suppression``).

====================================  ========  ==========  ========  ======
What                                  public    unit        analyst   city
====================================  ========  ==========  ========  ======
figures, code lists, reporting        yes       yes         yes       yes
small numbers of sensitive indicators no        its own     yes       yes
rows behind a figure                  no        its own     no        yes
what stands in a return               no        its own     no        yes
its annotated workbook                no        its own     no        yes
handing in                            no        for itself  no        yes
====================================  ========  ==========  ========  ======

What stands in a return may name persons: contents of cells, a file's name, the words of a decision. That a
return came, when, and how many rows and issues it has, everybody may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from warehouse.reading.problems import Forbidden


class Role(StrEnum):
    """The roles of readers."""

    PUBLIC = "public"
    UNIT = "unit"
    ANALYST = "analyst"
    CITY = "city"


@dataclass(frozen=True)
class Viewer:
    """A reader's role, and the unit of who has a unit's; equal viewers see the same.

    Raises:
        ValueError: a unit's role without a unit, or another role with one.
    """

    role: Role
    unit: str | None = None

    #: Without a token.
    PUBLIC: ClassVar[Viewer]
    ANALYST: ClassVar[Viewer]
    CITY: ClassVar[Viewer]

    def __post_init__(self) -> None:
        if (self.role is Role.UNIT) is not bool(self.unit):
            raise ValueError("a viewer has a unit exactly when its role is that of a unit")

    @classmethod
    def of_unit(cls, unit: str) -> Viewer:
        """The viewer who speaks for a unit, given by its code."""
        return cls(Role.UNIT, unit)

    @property
    def sees_small_numbers(self) -> bool:
        """Whether small numbers are shown, of every unit."""
        return self.role in {Role.ANALYST, Role.CITY}

    def sees_small_numbers_of(self, unit: str | None) -> bool:
        """The same of one unit; of no unit in particular when None."""
        return self.sees_small_numbers or self._is(unit)

    def sees_rows_of(self, unit: str | None) -> bool:
        """Whether the rows behind a figure of the unit, or of the whole city when None, are shown."""
        return self.role is Role.CITY or self._is(unit)

    def sees_contents_of(self, unit: str | None) -> bool:
        """Whether what stands in a return of the unit, or of an unknown one when None, is shown."""
        return self.role is Role.CITY or self._is(unit)

    @property
    def may_submit(self) -> bool:
        """Whether returns may be handed in at all."""
        return self.role in {Role.UNIT, Role.CITY}

    def may_submit_for(self, unit: str | None) -> bool:
        """Whether a return of the unit, or of one that is not known yet when None, may be handed in."""
        return self.role is Role.CITY or self._is(unit)

    def require_rows(self, unit: str | None) -> None:
        """Refuses those who may see a figure but not the rows behind it.

        Raises:
            Forbidden: the viewer may not see rows of the unit, or of the whole city when None.
        """
        if self.sees_rows_of(unit):
            return
        if self.role is Role.UNIT:
            raise Forbidden(
                f"a unit sees the rows behind its own figures only; ask for unit {self.unit} / "
                f"各单位只能查看本单位的明细，请查询单位 {self.unit}"
            )
        raise Forbidden(
            "the rows behind a figure are shown to the city union, and to a unit its own; ask for the figure "
            "without contributions / 明细仅市总工会及本单位可见，请只查询汇总数"
        )

    def require_contents(self, unit: str | None) -> None:
        """Refuses those who may know of a return but not see what stands in it.

        Raises:
            Forbidden: the viewer may not see the contents of the unit's returns.
        """
        if not self.sees_contents_of(unit):
            raise Forbidden(
                "what stands in a return is shown to the city union and to the unit that handed it in; use "
                "a token of one of them / 报表内容仅市总工会及填报单位可见，请使用相应的令牌"
            )

    def require_submitting(self) -> None:
        """Refuses those who may hand in nothing, whatever it is.

        Raises:
            Forbidden: the viewer's role is neither a unit's nor the city's.
        """
        if not self.may_submit:
            raise Forbidden(
                "a return is handed in with a token of its unit or of the city union; send it as "
                "Authorization: Bearer … / 报送报表需要本单位或市总工会的令牌，"
                "请在请求头中填写 Authorization: Bearer …"
            )

    def _is(self, unit: str | None) -> bool:
        return unit is not None and unit == self.unit


Viewer.PUBLIC = Viewer(Role.PUBLIC)
Viewer.ANALYST = Viewer(Role.ANALYST)
Viewer.CITY = Viewer(Role.CITY)
