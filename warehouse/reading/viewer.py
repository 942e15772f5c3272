"""Who asks, and what they may see."""

from __future__ import annotations

from enum import StrEnum

from warehouse.reading.problems import Forbidden


class Viewer(StrEnum):
    """The roles of readers."""

    PUBLIC = "public"
    CITY = "city"

    @property
    def sees_small_numbers(self) -> bool:
        return self is Viewer.CITY

    @property
    def sees_personal_data(self) -> bool:
        return self is Viewer.CITY

    def require_rows(self) -> None:
        """Refuses those who may see figures but not the rows behind them.

        Raises:
            Forbidden: the viewer may not see rows.
        """
        if self is not Viewer.CITY:
            raise Forbidden(
                "the rows behind a figure are shown to the city union only; ask for the figure without "
                "contributions / 明细仅市总工会可见，请只查询汇总数"
            )
