"""Plans: a query taken apart once, so that its answers are put together without looking at it again.

What belongs here: turning the selections of a query into functions, and keeping these. What does not: errors.
graphql-core finds anew for each object which fields are asked for and where it is; a plan knows, and tells
nobody where. So whatever is not as it should be (a wrong argument, an exception, a null that must not be one)
gives no data here, and the operation is executed by graphql-core, which says what is wrong, and where. The
same for what has no plan: changes, subscriptions, questions about the schema.

Functions of fields are called as graphql-core calls them, Strawberry's permissions and extensions included.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias, cast

from cachetools import LRUCache
from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLString,
    GraphQLUnionType,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    VariableNode,
    get_argument_values,
    get_nullable_type,
    get_variable_values,
)
from graphql.execution import VariableValues
from graphql.type.definition import GraphQLResolveInfoHelpers

from graphql_api.context import Context
from graphql_api.schema import ATTRIBUTE, core_schema

#: Fields that a plan may have; a larger document is executed by graphql-core.
_FIELDS = 2_000
#: What a field of a plan takes, as a number of characters of a text.
_CHARACTERS_OF_A_FIELD = 50
#: What is kept, as characters: about 20,000 fields, or 30 MB.
_CHARACTERS_KEPT = 1_000_000
#: The types whose values are texts, each its own result.
_TEXTS = (GraphQLID, GraphQLString)
#: The directives that are understood, and for which truth value what they stand at is included.
_INCLUDING = {"include": True, "skip": False}


class NoPlan(Exception):
    """This has to be executed by graphql-core."""


@dataclass
class _Run:
    """One execution of a plan."""

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    variables: VariableValues
    context: Context
    #: Of each field with a function what it is called with, the same for all objects.
    calls: dict[int, tuple[GraphQLResolveInfo[Any], dict[str, Any]]] = field(default_factory=dict)


#: Gives the result of a value that is not null, and never null.
_Complete: TypeAlias = Callable[[Any, _Run], Any]
#: Gives the result of a field of an object.
_Read: TypeAlias = Callable[[Any, _Run], Any]


@dataclass(frozen=True)
class _Plan:
    """How the data of an operation are put together; ``complete`` is None where graphql-core has to."""

    complete: _Complete | None
    fragments: dict[str, FragmentDefinitionNode]
    #: What keeping it takes, in characters of a text.
    size: int


class Plans:
    """Makes plans and keeps those used last; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: LRUCache[tuple[object, ...], _Plan] = LRUCache(
            _CHARACTERS_KEPT, getsizeof=lambda plan: plan.size
        )

    def data(
        self,
        text: str,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        given: Mapping[str, Any],
        context: Context,
    ) -> dict[str, Any]:
        """The data of an answer without errors.

        Args:
            text: That of the document.
            document: A valid one.
            operation: One of its operations.
            given: The variables as they came.
            context: Of the request.

        Raises:
            Exception: of any kind: graphql-core has to execute the operation.
        """
        if operation.operation is not OperationType.QUERY:
            raise NoPlan
        variables = get_variable_values(core_schema, operation.variable_definitions or (), dict(given))
        if not isinstance(variables, VariableValues):
            raise NoPlan
        plan = self._plan(text, document, operation, variables)
        if plan.complete is None:
            raise NoPlan
        data = plan.complete(None, _Run(operation, plan.fragments, variables, context))
        return cast("dict[str, Any]", data)

    def _plan(
        self, text: str, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> _Plan:
        # Which fields there are depends on truth values only (@include, @skip).
        truths = {name: value for name, value in variables.coerced.items() if isinstance(value, bool)}
        name = None if operation.name is None else operation.name.value
        key = text, name, tuple(truths.items())
        with self._lock:
            plan = self._kept.get(key)
        if plan is None:
            plan = _made(text, document, operation, truths)
            with self._lock:
                self._kept[key] = plan
        return plan


def _made(
    text: str, document: DocumentNode, operation: OperationDefinitionNode, truths: Mapping[str, bool]
) -> _Plan:
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    planner, query = _Planner(fragments, truths), cast("GraphQLObjectType", core_schema.query_type)
    complete = None
    if not operation.directives:
        with suppress(NoPlan, LookupError, RecursionError):
            complete = planner.fields(query, [operation.selection_set])
    size = len(text) + _CHARACTERS_OF_A_FIELD * (1 if complete is None else planner.count)
    return _Plan(complete, fragments, size)


class _Planner:
    """Turns the selections of one operation into functions."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], truths: Mapping[str, bool]) -> None:
        self._fragments = fragments
        self._truths = truths
        self.count = 0

    def fields(self, parent: GraphQLObjectType, selection_sets: Sequence[SelectionSetNode]) -> _Complete:
        """How an object is completed: its fields in the order in which they are first asked for."""
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selection_set in selection_sets:
            self._collect(parent, selection_set, found, spread)
        reads = [(key, self._field(parent, nodes)) for key, nodes in found.items()]
        return lambda source, run: {key: read(source, run) for key, read in reads}

    def _collect(
        self,
        parent: GraphQLObjectType,
        selection_set: SelectionSetNode,
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        """Finds the fields of a selection set under their keys; each fragment counts once."""
        for selection in selection_set.selections:
            if not self._is_included(selection.directives or ()):
                continue
            match selection:
                case FieldNode():
                    found.setdefault((selection.alias or selection.name).value, []).append(selection)
                case InlineFragmentNode():
                    if selection.type_condition is None or _is_a(parent, selection.type_condition):
                        self._collect(parent, selection.selection_set, found, spread)
                case FragmentSpreadNode():
                    name = selection.name.value
                    fragment = self._fragments[name]
                    if name not in spread and _is_a(parent, fragment.type_condition):
                        spread.add(name)
                        self._collect(parent, fragment.selection_set, found, spread)

    def _is_included(self, directives: Sequence[DirectiveNode]) -> bool:
        return all(self._truth(each) is _INCLUDING[each.name.value] for each in directives)

    def _truth(self, directive: DirectiveNode) -> bool:
        """What a directive is given as its only argument, ``if``."""
        match directive.arguments:
            case (ArgumentNode(value=BooleanValueNode(value=truth)),):
                return truth
            case (ArgumentNode(value=VariableNode(name=variable)),):
                return self._truths[variable.value]
        raise NoPlan

    def _field(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> _Read:
        self.count += 1
        if self.count > _FIELDS:
            raise NoPlan
        name = nodes[0].name.value
        if name == "__typename":
            return lambda _source, _run: parent.name
        field_ = parent.fields.get(name)
        if field_ is None or field_.resolve is None:
            raise NoPlan  # it is one about the schema
        attribute = field_.extensions.get(ATTRIBUTE)
        if attribute is not None:
            return self._attribute(attribute, field_.type, nodes)
        return self._called(parent, field_, nodes)

    def _attribute(self, name: str, kind: GraphQLOutputType, nodes: list[FieldNode]) -> _Read:
        """A field that is an attribute of its object."""
        null = _refuse if isinstance(kind, GraphQLNonNull) else _null
        complete = self._completion(kind, nodes)

        def read(source: Any, run: _Run) -> Any:
            value = getattr(source, name)
            return complete(value, run) if value is not None else null()

        def read_text(source: Any, run: _Run) -> Any:
            value = getattr(source, name)
            return value if type(value) is str else read(source, run)

        return read_text if get_nullable_type(kind) in _TEXTS else read

    def _called(self, parent: GraphQLObjectType, field_: GraphQLField, nodes: list[FieldNode]) -> _Read:
        """A field that is answered by a function."""
        resolve, number, name = cast("Any", field_.resolve), self.count, nodes[0].name.value
        null = _refuse if isinstance(field_.type, GraphQLNonNull) else _null
        complete = self._completion(field_.type, nodes)

        def read(source: Any, run: _Run) -> Any:
            call = run.calls.get(number)
            if call is None:
                arguments = get_argument_values(field_, nodes[0], run.variables)
                call = run.calls[number] = _info(run, name, nodes, field_.type, parent), arguments
            info, arguments = call
            value = resolve(source, info, **arguments)
            return complete(value, run) if value is not None else null()

        return read

    def _completion(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> _Complete:
        match kind:
            case GraphQLNonNull():
                return self._completion(kind.of_type, nodes)
            case GraphQLList():
                return self._items(kind.of_type, nodes)
            case GraphQLEnumType() | GraphQLScalarType():
                return _leaf(kind)
            case GraphQLObjectType():
                return self._object(kind, nodes)
            case GraphQLInterfaceType() | GraphQLUnionType():
                return self._abstract(kind, nodes)
        raise NoPlan

    def _items(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> _Complete:
        null = _refuse if isinstance(kind, GraphQLNonNull) else _null
        complete = self._completion(kind, nodes)

        def items(values: Any, run: _Run) -> list[Any]:
            if not isinstance(values, list | tuple):
                raise NoPlan
            return [complete(value, run) if value is not None else null() for value in values]

        return items

    def _object(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> _Complete:
        complete = self.fields(kind, [node.selection_set for node in nodes if node.selection_set is not None])
        is_type_of = kind.is_type_of
        if is_type_of is None:
            return complete
        # An object is of a type by its class.
        right: set[type] = set()

        def object_(value: Any, run: _Run) -> Any:
            if type(value) not in right:
                info = _info(run, nodes[0].name.value, nodes, kind, kind)
                if not is_type_of(value, info):
                    raise NoPlan
                right.add(type(value))
            return complete(value, run)

        return object_

    def _abstract(self, kind: GraphQLAbstractType, nodes: list[FieldNode]) -> _Complete:
        resolve_type = kind.resolve_type
        if resolve_type is None:
            raise NoPlan
        completions = {each.name: self._object(each, nodes) for each in core_schema.get_possible_types(kind)}

        def abstract(value: Any, run: _Run) -> Any:
            name = resolve_type(value, _info(run, nodes[0].name.value, nodes, kind, kind), kind)
            return completions[cast("str", name)](value, run)

        return abstract


def _leaf(kind: GraphQLLeafType) -> _Complete:
    coerce = kind.coerce_output_value
    names: dict[Any, Any] = {}

    def leaf(value: Any, _run: _Run) -> Any:
        result = coerce(value)
        if result is None or result is Undefined:
            raise NoPlan
        return result

    def member(value: Any, run: _Run) -> Any:
        name = names.get(value)
        if name is None:
            name = names[value] = leaf(value, run)
        return name

    return member if isinstance(kind, GraphQLEnumType) else leaf


def _is_a(kind: GraphQLObjectType, condition: NamedTypeNode) -> bool:
    wanted = core_schema.type_map[condition.name.value]
    if isinstance(wanted, GraphQLInterfaceType | GraphQLUnionType):
        return core_schema.is_sub_type(wanted, kind)
    return wanted is kind


def _null() -> None:
    return None


def _refuse(*_: Any) -> NoReturn:
    raise NoPlan


def _info(
    run: _Run, name: str, nodes: list[FieldNode], kind: GraphQLOutputType, parent: Any
) -> GraphQLResolveInfo[Any]:
    """What a function is told beside its arguments; all but where its object is."""
    return GraphQLResolveInfo(
        field_name=name,
        field_nodes=nodes,
        return_type=kind,
        parent_type=parent,
        path=cast("Any", None),
        schema=core_schema,
        fragments=run.fragments,
        root_value=None,
        operation=run.operation,
        variable_values=run.variables,
        context=run.context,
        is_awaitable=cast("Any", _refuse),
        abort_signal=None,
        async_helpers=GraphQLResolveInfoHelpers(_refuse, _refuse),
    )
