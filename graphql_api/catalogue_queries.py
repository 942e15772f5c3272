"""Queries of the catalog: what a page is built of without constants."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.arguments import IndicatorCode
from graphql_api.catalogue_types import Ledger, Rule, Word, ledger_types, rule_types, word_types
from graphql_api.code_lists import Chain, Cluster, Indicator, Measure, Programme, Unit
from graphql_api.context import Info, given
from graphql_api.enums import UnitKind
from graphql_api.fields import resolved
from graphql_api.viewer_types import Viewer, viewer_type


@strawberry.type(description="Queries of the catalog (目录查询).")
class CatalogueQueries:
    """What is asked of the catalog."""

    @resolved(description="The months that can be asked for (工程期限).")
    def programme(self, info: Info) -> Programme:
        """The frame."""
        return info.context.codes.programme

    @resolved(description="Who asks, by the token of the request (当前用户).")
    def me(self, info: Info) -> Viewer:
        """The viewer."""
        return viewer_type(info.context.reading.viewer, info.context.codes)

    @resolved(description="The ledgers that units report, in catalog order (台账).")
    def ledgers(self, info: Info) -> list[Ledger]:
        """All ledgers."""
        return ledger_types(info.context.reading, info.context.codes)

    @resolved(description="The register of checks, in its order (校验规则).")
    def rules(self) -> list[Rule]:
        """All rules."""
        return rule_types()

    @resolved(description="What the values of enums are called, in the order of values (枚举值名称).")
    def words(
        self,
        enum: Annotated[
            str | None, strawberry.argument(description="Those of this enum only (枚举).")
        ] = strawberry.UNSET,
    ) -> list[Word]:
        """Some or all words."""
        return word_types(given(enum))

    @resolved(description="The ten measures of the programme (举措).")
    def measures(self, info: Info) -> list[Measure]:
        """All measures."""
        return [*info.context.codes.measures.values()]

    @resolved(description="One measure; null when there is none with this number (举措).")
    def measure(
        self,
        info: Info,
        number: Annotated[int, strawberry.argument(description="Number of the measure (序号).")],
    ) -> Measure | None:
        """One measure."""
        return info.context.codes.measures.get(number)

    @resolved(description="The indicators in catalog order (指标).")
    def indicators(
        self,
        info: Info,
        measure: Annotated[
            int | None, strawberry.argument(description="Those of this measure only (举措序号).")
        ] = strawberry.UNSET,
        ledger: Annotated[
            str | None,
            strawberry.argument(description="Those that count rows of this ledger only (台账代码)."),
        ] = strawberry.UNSET,
    ) -> list[Indicator]:
        """Some or all indicators."""
        codes = info.context.codes
        found = codes.catalogue.indicators_of(given(measure), given(ledger))
        return [codes.indicators[each.code] for each in found]

    @resolved(description="One indicator; null when there is none with this code (指标).")
    def indicator(self, info: Info, code: IndicatorCode) -> Indicator | None:
        """One indicator."""
        return info.context.codes.indicators.get(code)

    @resolved(description="The reporting units in code-list order (单位).")
    def units(
        self,
        info: Info,
        kind: Annotated[
            UnitKind | None, strawberry.argument(description="Those of this kind only (类别).")
        ] = strawberry.UNSET,
    ) -> list[Unit]:
        """Some or all units."""
        wanted = given(kind)
        return [unit for unit in info.context.codes.units.values() if wanted in (None, unit.kind)]

    @resolved(description="One unit; null when there is none with this code (单位).")
    def unit(
        self,
        info: Info,
        code: Annotated[strawberry.ID, strawberry.argument(description="Code of the unit (单位代码).")],
    ) -> Unit | None:
        """One unit."""
        return info.context.codes.units.get(code)

    @resolved(description="The key industry chains (重点产业链).")
    def chains(self, info: Info) -> list[Chain]:
        """All chains."""
        return [*info.context.codes.chains.values()]

    @resolved(description="The advanced-manufacturing clusters (产业集群).")
    def clusters(self, info: Info) -> list[Cluster]:
        """All clusters."""
        return [*info.context.codes.clusters.values()]
