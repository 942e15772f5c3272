"""What a reader must know beside the figures, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.reading.catalogue import Indicator

_HIDDEN_ONE = (
    "有 1 项数值较小，为保护个人信息未予显示",
    "1 value is hidden because it is small, or because a small one could be computed from it",
)
_HIDDEN = (
    "有 {count} 项数值较小，为保护个人信息未予显示",
    "{count} values are hidden because they are small, or because a small one could be computed from them",
)
_MISSING_ONE = (
    "所选月份尚有 1 份报表（单位×月，含未到期）未报齐，数值可能偏小",
    "1 report (unit × month) of this span has not come in full, not yet due ones included",
)
_MISSING = (
    "所选月份尚有 {count} 份报表（单位×月，含未到期）未报齐，数值可能偏小",
    "{count} reports (unit × month) of this span have not come in full, not yet due ones included",
)
_NOTHING = (
    "所选范围内没有任何上报，也没有数据",
    "nothing has been reported in this scope, and there are no rows",
)
_ONLY_ZERO = (
    "所选范围内已有上报，均为零",
    "reports have come in this scope, and all of them are zero",
)
_OUTSIDE_CHAINS = (
    "不属于任何产业链的数据单列一组（chain 为 null）",
    "rows outside every chain stand in a group of their own, whose chain is null",
)
_OUTSIDE_CLUSTERS = (
    "不属于任何产业集群的数据单列一组（cluster 为 null）",
    "rows outside every cluster stand in a group of their own, whose cluster is null",
)
_BY_COUNTIES = (
    "该指标按单位考核，此处为各单位数值之和；目标为每个单位的目标",
    "this indicator is judged for each unit: values are sums over the units, targets are those of one unit",
)


def notes(
    indicator: Indicator,
    *,
    nothing: bool = False,
    only_zero: bool = False,
    hidden: int = 0,
    missing: int = 0,
    outside_chains: bool = False,
    outside_clusters: bool = False,
) -> tuple[str, ...]:
    """The sentences that apply, each as ``Chinese / English``."""

    def sentences() -> Iterator[str]:
        for applies, (chinese, english), count in (
            (nothing, _NOTHING, 0),
            (only_zero, _ONLY_ZERO, 0),
            (hidden > 0, _HIDDEN_ONE if hidden == 1 else _HIDDEN, hidden),
            (missing > 0, _MISSING_ONE if missing == 1 else _MISSING, missing),
            (outside_chains, _OUTSIDE_CHAINS, 0),
            (outside_clusters, _OUTSIDE_CLUSTERS, 0),
            (indicator.by_counties, _BY_COUNTIES, 0),
        ):
            if applies:
                yield f"{chinese} / {english}".format(count=count)

    return tuple(sentences())
