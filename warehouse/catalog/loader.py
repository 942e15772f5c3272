"""Reads the declarative files of the catalog and checks them as a whole.

What belongs here: files to objects, checks that span objects, messages with file and line.
What does not: the meaning of a single object (``model``).
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from warehouse.catalog import checks
from warehouse.catalog.model import (
    Catalog,
    Chain,
    Cluster,
    FieldKind,
    Form,
    Indicator,
    Kind,
    Ledger,
    Measure,
    Programme,
    Rate,
    Rule,
    Target,
    Unit,
)

CATALOG_DIRECTORY = Path(__file__).parent
#: The columns that every ledger has.
_SHARED_FIELDS = "shared_fields.yaml"

_Model = TypeVar("_Model", bound=BaseModel)


class CatalogError(Exception):
    """The catalog's files contradict themselves or each other; ``problems`` lists file, line and cause."""

    def __init__(self, problems: Sequence[str]) -> None:
        # A slip in a shared column is found again in every ledger.
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("the catalog is not valid:\n  " + "\n  ".join(self.problems))


@functools.cache
def load_catalog(directory: Path = CATALOG_DIRECTORY) -> Catalog:
    """The catalog of ``directory``, checked.

    Raises:
        CatalogError: every problem found, each with file and line.
    """
    return _Loader(directory).load()


class _Located(dict[str, Any]):
    """A YAML mapping that knows the line of each of its keys; ``file`` where it comes from another file."""

    lines: dict[str, int]
    line: int
    file: str | None = None


#: The parser in C takes a third of the time of the one in Python, and knows the lines as well.
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _LineLoader(_SAFE_LOADER):  # type: ignore[misc, valid-type]  # which of the two is there
    """Keeps the source lines of mappings; dates and numbers stay what YAML makes of them."""


def _construct_located(loader: _LineLoader, node: yaml.MappingNode) -> _Located:
    mapping = _Located({str(key): value for key, value in loader.construct_mapping(node, deep=True).items()})
    mapping.line = node.start_mark.line + 1
    mapping.lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    return mapping


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_located)


def _place_of(name: str, data: Any, path: Sequence[int | str]) -> str:
    """File and line of the deepest part of ``path`` that exists in located YAML data of the file ``name``."""
    line = getattr(data, "line", 1)
    for step in path:
        if isinstance(data, _Located) and step in data:
            line, data = data.lines.get(str(step), line), data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
            line, name = getattr(data, "line", line), getattr(data, "file", None) or name
        else:
            break
    return f"{name}:{line}"


class _Loader:
    """One pass over one directory; collects problems instead of stopping at the first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problems: list[str] = []
        self.places: dict[int, tuple[str, Any]] = {}

    def load(self) -> Catalog:
        programme = self._yaml_object("programme.yaml", Programme)
        form = self._yaml_object("form.yaml", Form)
        measures = self._table("measures.csv", Measure)
        ledgers = self._ledgers()
        indicators = self._yaml_list("indicators.yaml", "indicators", Indicator)
        targets = self._table("targets.csv", Target)
        units = self._table("units.csv", Unit)
        chains = self._table("chains.csv", Chain)
        clusters = self._table("clusters.csv", Cluster)
        rates = self._table("rates.csv", Rate)
        rules = self._yaml_list("rules.yaml", "rules", Rule)
        kinds = self._yaml_list("kinds.yaml", "kinds", Kind)
        if self.problems or programme is None or form is None:
            raise CatalogError(self.problems)
        catalog = Catalog(
            version=self._version(), programme=programme, form=form, measures=measures, ledgers=ledgers,
            indicators=indicators, targets=targets, units=units, chains=chains, clusters=clusters,
            rates=rates, rules=rules, kinds=kinds,
        )  # fmt: skip
        self._check(catalog)
        if self.problems:
            raise CatalogError(self.problems)
        return catalog

    # Files

    def _files(self) -> list[Path]:
        return sorted(path for suffix in ("csv", "yaml") for path in self.directory.rglob(f"*.{suffix}"))

    def _version(self) -> str:
        digest = hashlib.sha256()
        for path in self._files():
            digest.update(path.relative_to(self.directory).as_posix().encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    def _yaml(self, name: str) -> Any:
        try:
            # SafeLoader with line numbers: nothing but plain data is constructed.
            return yaml.load((self.directory / name).read_bytes(), Loader=_LineLoader)  # noqa: S506
        except (OSError, yaml.YAMLError) as error:
            self.problems.append(f"{name}: {error}")
            return _Located()

    def _yaml_object(self, name: str, model: type[_Model]) -> _Model | None:
        return self._object(name, self._yaml(name), model)

    def _yaml_list(self, name: str, key: str, model: type[_Model]) -> tuple[_Model, ...]:
        data = self._yaml(name)
        entries = data.get(key) if isinstance(data, dict) else None
        if not isinstance(entries, list):
            self.problems.append(f"{name}: needs a list {key!r}")
            return ()
        return tuple(o for entry in entries if (o := self._object(name, entry, model)) is not None)

    def _object(self, name: str, data: Any, model: type[_Model]) -> _Model | None:
        try:
            loaded = model.model_validate(data)
        except ValidationError as error:
            for problem in error.errors():
                place = _place_of(name, data, problem["loc"])
                where = ".".join(map(str, problem["loc"]))
                self.problems.append(f"{place}: {where}: {problem['msg']}")
            return None
        self.places[id(loaded)] = (name, data)
        return loaded

    def _table(self, name: str, model: type[_Model]) -> tuple[_Model, ...]:
        """A CSV code list; a blank cell is null, and a list-valued column is parted by semicolons."""
        lists = {key for key, field in model.model_fields.items() if "tuple" in str(field.annotation)}
        rows = []
        try:
            text = (self.directory / name).read_text(encoding="utf-8")
        except OSError as error:
            self.problems.append(f"{name}: {error}")
            text = ""
        with io.StringIO(text, newline="") as handle:
            reader = csv.DictReader(handle)
            for row in reader:
                if row.pop(None, None) is not None:  # csv's key for the rest of a row
                    self.problems.append(f"{name}:{reader.line_num}: more cells than the header has")
                data = _Located(
                    {
                        key: tuple(filter(None, (cell or "").split(";"))) if key in lists else cell or None
                        for key, cell in row.items()
                    }
                )
                data.line, data.lines = reader.line_num, dict.fromkeys(row, reader.line_num)
                if data.get("year") == "programme":
                    data["year"] = None
                rows.append(data)
        return tuple(o for row in rows if (o := self._object(name, row, model)) is not None)

    def _ledgers(self) -> tuple[Ledger, ...]:
        shared = self._yaml(_SHARED_FIELDS).get("fields", [])
        ledgers = []
        order = self._yaml("ledgers.yaml").get("order", [])
        files = {path.stem for path in (self.directory / "ledgers").glob("*.yaml")}
        for difference in sorted(files.symmetric_difference(order)):
            self.problems.append(f"ledgers.yaml: {difference!r} is not both in the order and in ledgers/")
        for ledger_name in order:
            if ledger_name not in files:
                continue
            name = f"ledgers/{ledger_name}.yaml"
            data = self._yaml(name)
            required = data.get("required_shared_fields", [])
            data["fields"] = [*self._with_required(shared, required), *data.get("fields", [])]
            ledger = self._object(name, data, Ledger)
            if ledger is not None:
                ledgers.append(ledger)
        return tuple(ledgers)

    @staticmethod
    def _with_required(shared: list[_Located], required: Sequence[str]) -> Iterator[_Located]:
        for field in shared:
            copy = _Located(field)
            copy.line, copy.lines, copy.file = field.line, field.lines, _SHARED_FIELDS
            if field.get("name") in required:
                copy["constraints"] = {**field.get("constraints", {}), "required": True}
            yield copy

    # Checks that span objects

    def _problem(self, thing: BaseModel, path: Sequence[int | str], text: str) -> None:
        name, data = self.places[id(thing)]
        self.problems.append(f"{_place_of(name, data, path)}: {text}")

    def _check(self, catalog: Catalog) -> None:
        self._check_unique(catalog)
        for path, text in checks.form_problems(catalog.form):
            self._problem(catalog.form, path, text)
        for ledger in catalog.ledgers:
            for path, text in checks.ledger_problems(ledger, catalog):
                self._problem(ledger, path, text)
        for indicator in catalog.indicators:
            for path, text in checks.indicator_problems(indicator, catalog):
                self._problem(indicator, path, text)
        for target in catalog.targets:
            for path, text in checks.target_problems(target, catalog):
                self._problem(target, path, text)
        for kind in set(FieldKind) - {kind.kind for kind in catalog.kinds}:
            self.problems.append(f"kinds.yaml: no texts for {kind.value!r}")
        for rule in catalog.rules:
            for path, text in checks.rule_problems(rule):
                self._problem(rule, path, text)
        for unit in catalog.units:
            if unit.host is not None and unit.host not in catalog.unit_by_code:
                self._problem(unit, ["host"], f"unknown host unit {unit.host!r}")

    def _check_unique(self, catalog: Catalog) -> None:
        targets = [
            (t.indicator, t.year, t.level, t.unit, f"from {catalog.valid_from(t)}") for t in catalog.targets
        ]
        lists: list[tuple[Sequence[BaseModel], list[Any]]] = [
            (catalog.measures, [m.measure for m in catalog.measures]),
            (catalog.ledgers, [ledger.name for ledger in catalog.ledgers]),
            (catalog.ledgers, [ledger.title for ledger in catalog.ledgers]),
            (catalog.indicators, [i.code for i in catalog.indicators]),
            (catalog.targets, targets),
            (catalog.units, [u.unit for u in catalog.units]),
            (catalog.chains, [c.chain for c in catalog.chains]),
            (catalog.clusters, [c.cluster for c in catalog.clusters]),
            (catalog.rates, [r.rate for r in catalog.rates]),
            (catalog.rules, [r.rule for r in catalog.rules]),
            (catalog.kinds, [k.kind for k in catalog.kinds]),
        ]
        for things, keys in lists:
            counts = Counter(keys)
            for thing, key in zip(things, keys, strict=True):
                if counts[key] > 1:
                    self._problem(thing, [], f"{key!r} is declared {counts[key]} times")
        owners: dict[str, str] = {}
        for unit in catalog.units:
            for name in {*unit.names, unit.unit, *unit.former_codes}:
                owner = owners.setdefault(name, unit.unit)
                if owner != unit.unit:
                    self._problem(unit, [], f"the name {name!r} also stands for unit {owner}")
