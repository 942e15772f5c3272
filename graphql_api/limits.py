"""How much an operation may ask for: depth, fields of the query type, and an estimate of the values.

What belongs here: measuring a validated operation. What does not: limits on bytes and tokens, which come
before (``http``, ``execution``).

The measure of a selection set is kept: a fragment that is spread a thousand times is walked once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)
from graphql.validation import validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError

from graphql_api.settings import ApiSettings
from warehouse.reading.breakdown import DIMENSIONS_MAXIMUM
from warehouse.reading.problems import PAGE_MAXIMUM

#: Items that a list without a page size is taken to have; progress has 38, units 22, a year 12.
LIST_LENGTH = 25
#: The same of introspection: a type has few fields, a field few arguments. Its list of types has all of them.
_INTROSPECTION_LENGTH = 3
#: Changes that one operation may ask for: a request has one file.
CHANGES_MAXIMUM = 5
#: How often one name may be given to fields that have fields below them.
REPETITION_MAXIMUM = 100
#: What validation may spend on comparing fields of one name, and on following fragments, in units of
#: graphql-core; by its own limits one document may take a second.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 100_000
validation_context.MAX_FRAGMENT_WORK = 10_000
#: Fields that cost more than a value each to find: two publications are compared for each.
_COSTLY = {("Query", "changes"): 5_000}
_EXECUTABLE = OperationDefinitionNode, FragmentDefinitionNode
_INTROSPECTION = "__"


@dataclass(frozen=True)
class Measure:
    """What a selection set asks for: levels of fields below it, its own fields, values in all."""

    depth: int = 0
    fields: int = 0
    cost: int = 0

    def __add__(self, other: Measure) -> Measure:
        return Measure(max(self.depth, other.depth), self.fields + other.fields, self.cost + other.cost)


def check_limits(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    settings: ApiSettings,
) -> Measure:
    """What an operation asks for. Raises: GraphQLError: it is more than the settings allow."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Measure()
    meter = _Meter(schema, document, variables, settings.max_depth)
    measure = meter.measure(operation.selection_set, root, 0)
    what, most = "fields of the query type", settings.max_root_fields
    if operation.operation is OperationType.MUTATION:
        what, most = "changes", CHANGES_MAXIMUM
    for name, asked, allowed, advice in (
        (what, measure.fields, most, "send several requests"),
        ("cost", measure.cost, settings.max_cost, "ask for fewer fields or smaller pages"),
    ):
        if asked > allowed:
            raise _too_large(name, asked, allowed, advice)
    return measure


def check_repetition(document: DocumentNode) -> None:
    """Comes before validation, which compares every two fields of one name with all that is below them.

    Raises:
        GraphQLError: a field with fields below it is repeated too often.
    """
    found: Counter[str] = Counter()
    waiting = [each.selection_set for each in document.definitions if isinstance(each, _EXECUTABLE)]
    while waiting:
        for selection in waiting.pop().selections:
            if not isinstance(selection, FieldNode | InlineFragmentNode) or selection.selection_set is None:
                continue
            waiting.append(selection.selection_set)
            if isinstance(selection, FieldNode):
                found[(selection.alias or selection.name).value] += 1
    for name, count in found.most_common(1):
        if count > REPETITION_MAXIMUM:
            raise _too_large(f"fields named {name}", count, REPETITION_MAXIMUM, "give them other aliases")


def explained(error: GraphQLError) -> GraphQLError:
    """An error of validation, in words of its own where validation ended before it was done."""
    if not isinstance(error, ValidationAbortedError) or error.message.startswith("Too many"):
        return error
    return GraphQLError(
        "the document is too large to be checked: its fields of one name, or its fragments, are too many or "
        "nested too deeply; give fields aliases, use fewer fragments, or send several requests",
        extensions={"code": "QUERY_TOO_LARGE", "limit": "validation"},
    )


def _too_large(name: str, asked: int, allowed: int, advice: str) -> GraphQLError:
    # A huge number would be refused by Python when it is written out.
    shown = str(asked) if asked < 10**12 else "more than 10^12"
    return GraphQLError(
        f"the operation is too large: {name} {shown}, at most {allowed}; {advice}",
        extensions={"code": "QUERY_TOO_LARGE", "limit": name, "maximum": allowed},
    )


class _Meter:
    """Measures the selection sets of one document."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], max_depth: int
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._max_depth = max_depth
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[tuple[int, str], Measure] = {}

    def measure(self, selection_set: SelectionSetNode, parent: GraphQLCompositeType, depth: int) -> Measure:
        """The measure of a selection set that stands ``depth`` fields deep."""
        key = (id(selection_set), parent.name)
        if key not in self._measured:
            if depth > self._max_depth:
                raise self._too_deep(depth)
            self._measured[key] = sum(
                (self._selection(selection, parent, depth) for selection in selection_set.selections),
                Measure(),
            )
        if depth + self._measured[key].depth > self._max_depth:
            raise self._too_deep(depth + self._measured[key].depth)
        return self._measured[key]

    def _too_deep(self, depth: int) -> GraphQLError:
        return _too_large("depth", depth, self._max_depth, "nest fewer fields")

    def _selection(self, selection: object, parent: GraphQLCompositeType, depth: int) -> Measure:
        match selection:
            case FieldNode():
                return self._field(selection, parent, depth)
            case FragmentSpreadNode():
                fragment = self._fragments[selection.name.value]
                return self.measure(
                    fragment.selection_set, self._type(fragment.type_condition.name.value), depth
                )
            case InlineFragmentNode():
                condition = selection.type_condition
                inside = parent if condition is None else self._type(condition.name.value)
                return self.measure(selection.selection_set, inside, depth)
        raise TypeError(f"no selection: {selection!r}")

    def _type(self, name: str) -> GraphQLCompositeType:
        found = self._schema.type_map[name]
        if not is_composite_type(found):
            raise TypeError(f"{name} has no fields")
        return found

    def _field(self, node: FieldNode, parent: GraphQLCompositeType, depth: int) -> Measure:
        if node.name.value.startswith(_INTROSPECTION) or parent.name.startswith(_INTROSPECTION):
            return self._introspection(node, parent, depth)
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return Measure(depth=1, fields=1, cost=1)
        field = parent.fields[node.name.value]
        if node.selection_set is None:
            return Measure(depth=1, fields=1, cost=1)
        below = self.measure(node.selection_set, self._type(get_named_type(field.type).name), depth + 1)
        own = _COSTLY.get((parent.name, node.name.value), 1)
        return Measure(1 + below.depth, 1, own + self._length(node, field) * below.cost)

    def _introspection(self, node: FieldNode, parent: GraphQLCompositeType, depth: int) -> Measure:
        """Introspection reads no data, and graphql-core limits its depth: only its size counts."""
        if node.selection_set is None:
            return Measure(depth=0, fields=1, cost=1)
        field = self._schema.get_field(parent, node.name.value)
        if field is None:
            raise TypeError(f"{parent.name} has no field {node.name.value}")
        inside = self._type(get_named_type(field.type).name)
        is_list = isinstance(get_nullable_type(field.type), GraphQLList)
        length = _INTROSPECTION_LENGTH if is_list else 1
        if node.name.value == "types":
            length = len(self._schema.type_map)
        below = self.measure(node.selection_set, inside, depth)
        return Measure(depth=0, fields=1, cost=1 + length * below.cost)

    def _length(self, node: FieldNode, field: GraphQLField) -> int:
        """How many items a field is taken to have."""
        if "first" in field.args:
            return self._page_size(node, field)
        if "by" in field.args:
            return self._combinations(node)
        inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        # A page's items are counted where its size stands.
        return LIST_LENGTH if isinstance(inner, GraphQLList) and node.name.value != "edges" else 1

    def _combinations(self, node: FieldNode) -> int:
        """How many lists of groups a breakdown is taken to have: one, or one for each item of a dimension."""
        given: Any = next((one.value for one in node.arguments or () if one.name.value == "by"), None)
        if isinstance(given, VariableNode):
            named = self._variables.get(given.name.value, [None] * DIMENSIONS_MAXIMUM)
            dimensions = len(named) if isinstance(named, list) else 1
        else:
            dimensions = len(given.values) if isinstance(given, ListValueNode) else 1
        # More dimensions than there may be are refused later.
        return int(LIST_LENGTH ** (min(max(dimensions, 1), DIMENSIONS_MAXIMUM) - 1))

    def _page_size(self, node: FieldNode, field: GraphQLField) -> int:
        size: Any = field.args["first"].default_value
        for argument in node.arguments or ():
            if argument.name.value == "first":
                size = PAGE_MAXIMUM
                if isinstance(argument.value, VariableNode):
                    size = self._variables.get(argument.value.name.value, PAGE_MAXIMUM)
                elif isinstance(argument.value, IntValueNode) and len(argument.value.value) < 10:
                    size = int(argument.value.value)
        # A size beyond the limits is refused later; until then it counts as a full page.
        return size if isinstance(size, int) and 0 < size <= PAGE_MAXIMUM else PAGE_MAXIMUM
