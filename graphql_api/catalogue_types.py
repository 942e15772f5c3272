"""What a page needs besides the code lists to be built without constants: ledgers, rules, words."""

from __future__ import annotations

import strawberry

from graphql_api.code_lists import CodeLists, Indicator
from graphql_api.enums import Severity
from graphql_api.nodes import Node, node_id
from warehouse.catalog import load_catalog
from warehouse.reading import Reading
from warehouse.reading.discretion import rule_for_all
from warehouse.reading.problems import check_code
from warehouse.reading.words import words


@strawberry.type(description="A sheet that units report each month (台账).")
class Ledger(Node):
    """A ledger."""

    code: strawberry.ID = strawberry.field(description="Code of the catalog (代码).")
    title: str = strawberry.field(description="Its name, as the sheet is called (台账名称).")
    description: str = strawberry.field(description="What belongs into it, Chinese / English (填报说明).")
    indicators: list[Indicator] = strawberry.field(
        description="The indicators that count its rows, in catalog order (相关指标)."
    )


@strawberry.type(description="An entry of the register of checks (校验规则).")
class Rule(Node):
    """A rule; what it says of a certain cell stands as … in its words."""

    code: strawberry.ID = strawberry.field(description="Code of the rule, such as R104 (规则编号).")
    severity: Severity = strawberry.field(description="How grave breaking it is (严重程度).")
    meaning_zh: str = strawberry.field(description="What is wrong, in Chinese (问题).")
    meaning_en: str = strawberry.field(description="What is wrong, in English (问题).")
    expected_zh: str = strawberry.field(description="What would pass, in Chinese (应填内容).")
    expected_en: str = strawberry.field(description="What would pass, in English (应填内容).")


@strawberry.type(description="What one value of an enum of this schema is called (枚举值名称).")
class Word:
    """A word."""

    enum: str = strawberry.field(description="Name of the enum (枚举).")
    value: str = strawberry.field(description="The value (值).")
    name_zh: str = strawberry.field(description="What it is called in Chinese (中文名称).")
    name_en: str = strawberry.field(description="What it is called in English (英文名称).")


def ledger_types(reading: Reading, codes: CodeLists) -> list[Ledger]:
    """The ledgers of a publication, in catalog order; one statement."""
    return [
        Ledger(
            id=node_id("Ledger", row["ledger"]),
            code=strawberry.ID(row["ledger"]),
            title=row["title"],
            description=row["description"],
            indicators=[
                codes.indicators[each.code]
                for each in codes.catalogue.indicators
                if row["ledger"] in each.ledgers
            ],
        )
        for row in reading.source.query(
            "SELECT ledger, title, description FROM core.ledgers ORDER BY position"
        )
    ]


def rule_types() -> list[Rule]:
    """The register of checks, by code."""
    return [
        Rule(
            id=node_id("Rule", each.rule),
            code=strawberry.ID(each.rule),
            severity=Severity(each.severity),
            **rule_for_all(each),
        )
        for each in load_catalog().rules
    ]


def word_types(enum: str | None) -> list[Word]:
    """The words of one enum or of all, in the order of their values.

    Raises:
        InputProblem: there is no such enum.
    """
    if enum is not None:
        check_code("enum", enum, dict.fromkeys(each.enum for each in words()), "words")
    return [
        Word(enum=each.enum, value=each.value, name_zh=each.zh, name_en=each.en)
        for each in words()
        if enum in (None, each.enum)
    ]
