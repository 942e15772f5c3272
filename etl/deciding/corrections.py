"""The file of corrections: what stands in a unit's return, and what it means.

What belongs here: from YAML to what corrections are about, and everything that is wrong with the file. What
does not: which corrections stand already (``acts``), which values would pass (``trial``), changing cells
(``etl.intake.corrections``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from etl.deciding.refusal import Refused, refusal
from etl.deciding.words import Words, listed, words
from etl.intake.identity import UnitNames, understand_month
from etl.intake.personal import masked
from etl.intake.text import folded
from warehouse.catalog import Catalog, Ledger, LedgerField
from warehouse.decisions import About

#: A file of thousands of corrections is smaller; a larger one is something else.
MOST_BYTES = 1 << 20

_REQUIRED = ("unit", "period", "ledger", "column", "expect", "value")
_KEYS = (*_REQUIRED, "where")

#: A file as it should be, for whoever wrote one that is not.
EXAMPLE = Path(__file__).with_name("corrections_example.yaml").read_text(encoding="utf-8").rstrip()


@dataclass(frozen=True)
class Entry:
    """One correction of a file; ``place`` says where it stands."""

    place: Words
    about: About

    def problem(self, name: str, /, **details: object) -> Words:
        """What is wrong with it, in the words of this name."""
        return words("problem", place=self.place, problem=words(name, **details))


def read_corrections(path: Path, catalog: Catalog) -> list[Entry]:
    """The corrections of a file.

    Raises:
        Refused: with everything that is wrong with the file, each with its place and what would pass.
    """
    entries, problems = [], []
    names = _Names(catalog)
    for place, content in _contents(path):
        about, found = names.understand(content)
        problems += [words("problem", place=place, problem=problem) for problem in found]
        if about is not None:
            entries.append(Entry(place, about))
    if problems:
        raise refused(path, problems)
    return entries


def refused(path: Path, problems: list[Words]) -> Refused:
    """Nothing of a file is taken when anything of it is wrong."""
    return Refused(words("nothing_taken", file=path.name), problems)


class _Texts(yaml.BaseLoader):
    """Every scalar as the text that was typed: ``007`` stays ``007``. A key that comes twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Raises: yaml.constructor.ConstructorError: a key comes twice."""
        keys = [key.value for key, _ in node.value]
        for (key, _), name in zip(node.value, keys, strict=True):
            if keys.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name} stands here twice", key.start_mark
                )
        return super().construct_mapping(node, deep)


def _contents(path: Path) -> Iterator[tuple[Words, Any]]:
    """Each entry with its place, as typed."""
    loader = None
    try:
        if path.stat().st_size > MOST_BYTES:
            raise refusal("too_many_bytes", file=path.name, most=MOST_BYTES)
        loader = _Texts(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        listed = loader.construct_document(node) if node is not None else None
    except OSError as error:
        raise refusal("not_readable", file=path, why=error.strerror) from None
    except UnicodeDecodeError:
        raise refusal("not_utf8", file=path.name) from None
    except RecursionError:
        raise Refused(words("too_deep", file=path.name), example=EXAMPLE) from None
    except yaml.YAMLError as error:
        why = _one_line(error)
        raise Refused(words("not_yaml", file=path.name, why=why), example=EXAMPLE) from None
    finally:
        if loader is not None:
            loader.dispose()
    if node is None or not isinstance(listed, list) or not listed:
        raise Refused(words("no_list", file=path.name), example=EXAMPLE)
    for number, (content, part) in enumerate(zip(listed, node.value, strict=True), start=1):
        yield words("place", file=path.name, line=part.start_mark.line + 1, entry=number), content


def _one_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).replace('in "<unicode string>", ', "").split())


class _Names:
    """Understands what an entry says, by names and by codes."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._units = UnitNames(catalog)
        self._ledgers = {
            folded(name): ledger for ledger in catalog.ledgers for name in (ledger.name, ledger.title)
        }

    def understand(self, content: Any) -> tuple[About | None, list[Words]]:
        """What the entry is about; None where something is wrong, which is then told."""
        problems = [*_shape_problems(content)]
        if problems:
            return None, problems
        unit = self._units.understand(content["unit"])
        if unit is None:
            names = listed(one.name_zh for one in self._catalog.units if one.files)
            problems.append(words("no_unit", given=content["unit"], names=names))
        months = [f"{month:%Y-%m}" for month in self._catalog.programme.months]
        period = understand_month(content["period"])
        if period not in months:
            problems.append(words("no_month", given=content["period"], first=months[0], last=months[-1]))
        ledger = self._ledgers.get(folded(content["ledger"]))
        if ledger is None:
            names = listed(one.title for one in self._catalog.ledgers)
            return None, [*problems, words("no_ledger", given=content["ledger"], names=names)]
        column, found = _column(ledger, content["column"])
        problems += found
        where: dict[str, str] = {}
        for label, text in content.get("where", {}).items():
            condition, found = _column(ledger, label)
            problems += found
            if condition is not None:
                if condition in where:
                    problems.append(words("condition_twice", given=label))
                where[condition] = text
        problems += _guard_problems(content["expect"], content["value"], where)
        if problems:
            return None, problems
        return About(
            unit=unit,
            period=period,
            ledger=ledger.name,
            column=column,
            expect=content["expect"],
            value=content["value"],
            where=where,
        ), []


def _shape_problems(content: Any) -> Iterator[Words]:
    if not isinstance(content, Mapping):
        shape = words("not_an_entry", keys=listed(_KEYS))
        yield Words(shape.zh, f"{shape.en}\n{EXAMPLE}")
        return
    missing = [key for key in _REQUIRED if key not in content]
    if missing:
        yield words("keys_missing", missing=listed(missing), keys=listed(_REQUIRED))
    unknown = [str(key) for key in content if key not in _KEYS]
    if unknown:
        yield words("keys_unknown", unknown=listed(unknown), keys=listed(_KEYS))
    texts = [(key, content[key]) for key in _REQUIRED if key in content]
    where = content.get("where", {})
    if isinstance(where, Mapping):
        texts += [(f"where {label}", text) for label, text in where.items()]
    else:
        yield words("where_is_no_group")
    for name, text in texts:
        if not isinstance(text, str):
            yield words("not_one_text", name=name)
        elif masked(text) != text:
            yield words("personal_text", name=name)


def _column(ledger: Ledger, label: str) -> tuple[str | None, list[Words]]:
    """The name of the column that is meant, by its name or a label of it."""
    kept: list[LedgerField] = [field for field in ledger.fields if field.stored]
    wanted = folded(label)
    meant = [field for field in kept if wanted in {folded(name) for name in (field.name, field.title)}]
    meant = meant or [field for field in kept if wanted in {folded(alias) for alias in field.aliases}]
    if len(meant) == 1:
        return meant[0].name, []
    names = listed(field.title for field in meant or kept)
    return None, [words("no_column", given=label, ledger=ledger.title, names=names)]


def _guard_problems(expect: str, value: str, where: Mapping[str, str]) -> Iterator[Words]:
    if folded(expect) == folded(value):
        yield words("nothing_corrected", value=value)
    if not folded(expect) and not any(folded(text) for text in where.values()):
        yield words("any_blank_cell")
