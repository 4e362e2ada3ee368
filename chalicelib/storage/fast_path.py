"""Replaces internals of botocore and PynamoDB that cost most of a request's CPU. HEARDBACK_FAST_PATH=0 turns all of it off.

What is replaced, and what each gains (measured by `python -m bench fast_path`; figures in docs/performance.md):

* `WireSerializer`, `WireParsers`: botocore walks every value through its shape. PynamoDB already gives and takes DynamoDB's JSON,
  and records of a queue are texts and numbers.
* `FormSerializer`: botocore encodes the form of an SNS request again for each reader (the signer, the sender); here once,
  and what repeats from text to text is written once.
* `client_options`: botocore checks the shapes of parameters and composes the User-Agent again for every request.
* `Headers`: botocore makes an object of the name at each look at a header.
* `install`: botocore composes the User-Agent twice for every request to DynamoDB (0.1 ms of 1.2), and finds the endpoint again
  for each: for a transaction it looks through all operations for the ARNs of tables (about 1.5 ms for a hundred).
* `share_session`: each botocore session reads the SDK's data files and registers its handlers again (80 ms of a cold start).
* `members_of`: PynamoDB asks every model twice for each attribute of its class, inherited and built-in ones too.
* `FastModel`: PynamoDB asks every attribute of a model through its descriptors, also those that an item does not have, makes
  a JSON decoder for each JSON value, and splits the path of an attribute again for each update of it.
* `put_request`, `create_request`, `delete_request`, `update_request`: PynamoDB builds a general request; these build the same one
  for our two-part key. It writes expressions by general code for paths; most updates only set and remove attributes.
* `write_request`: PynamoDB makes actions and operands of all that is set or compared; an update of what changed needs none.
* `transact`: PynamoDB logs each transaction, sends two signals and makes an id for them.

Signing, retries, events, time-outs and errors stay botocore's (docs/decisions/signing-stays-with-botocore.md). Where a later
botocore keeps its serializer elsewhere, botocore's way is used; tests/storage/test_fast_path.py then fails.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Any, NamedTuple, Self
from urllib.parse import quote_plus

from botocore import awsrequest
from botocore.serialize import JSONSerializer, QuerySerializer
from pynamodb import attributes, models
from pynamodb.attributes import Attribute, AttributeContainer, BooleanAttribute, JSONAttribute, NumberAttribute
from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
from pynamodb.constants import LIST, MAP
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.operand import _Operand as Operand
from pynamodb.expressions.update import Action, AddAction, RemoveAction, SetAction, Update
from pynamodb.models import Model

from chalicelib import config

OPERATIONS = frozenset(
    {"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"}
)
QUEUE_OPERATIONS = frozenset({"DeleteMessageBatch", "GetQueueAttributes", "ReceiveMessage", "SendMessageBatch"})
USER_AGENT = "heardback botocore"
_OUTPUTS = frozenset({*(f"{name}Output" for name in OPERATIONS), *(f"{name}Result" for name in QUEUE_OPERATIONS)})


def install(client: Any) -> None:
    """Installs what is faster in a botocore client for DynamoDB, SQS or SNS. Leaves other clients as they are."""
    serializer: Any = getattr(client, "_serializer", None)
    endpoint: Any = getattr(client, "_endpoint", None)
    if not config.fast_path():
        return
    if isinstance(serializer, QuerySerializer):
        client._serializer = FormSerializer(serializer)
    elif type(serializer) is JSONSerializer and _speaks_json(client) and hasattr(endpoint, "_response_parser_factory"):
        client._serializer = WireSerializer(serializer)
        endpoint._response_parser_factory = WireParsers(endpoint._response_parser_factory)
        client.meta.config._supplied_user_agent = USER_AGENT
    else:
        return
    _remember_endpoint(client)
    if issubclass(Headers, getattr(awsrequest, "HeadersDict", Headers)):
        awsrequest.HeadersDict = Headers


def _remember_endpoint(client: Any) -> None:
    """Finds an operation's endpoint once: of its parameters it depends on ARNs of tables alone, which ours are not."""
    resolver: Any = getattr(client, "_ruleset_resolver", None)
    if not hasattr(resolver, "construct_endpoint"):
        return
    find, known = resolver.construct_endpoint, dict[str, Any]()

    def endpoint_of(operation_model: Any, call_args: Any, request_context: Any) -> Any:
        found = known.get(operation_model.name)
        if found is None:
            found = known[operation_model.name] = find(operation_model, call_args, request_context)
        return found

    resolver.construct_endpoint = endpoint_of


def _speaks_json(client: Any) -> bool:
    return client.meta.service_model.service_name in ("dynamodb", "sqs")


def client_options() -> dict[str, Any]:
    """Options of the clients of queues and providers. Our own code has checked the parameters."""
    if not config.fast_path():
        return {}
    return {
        "parameter_validation": False,
        "inject_host_prefix": False,
        "disable_request_compression": True,
        "user_agent": USER_AGENT,
    }


def share_session(connection: Any, session: Any) -> None:
    """Has PynamoDB make its client of this thread by a botocore session that has read the SDK's data files already."""
    if config.fast_path():
        connection._local.session = session


def members_of(model: type, wanted: Callable[[Any], bool]) -> list[tuple[str, Any]]:
    """Finds what a class defines or inherits, by name: takes the place of `inspect.getmembers` while models are made.

    Attributes and indexes of a class are themselves what it is asked for: their descriptors need not be called.
    """
    found: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        found |= {name: one.attribute if isinstance(one, FastAttribute) else one for name, one in vars(base).items()}
    return sorted(((name, value) for name, value in found.items() if wanted(value)), key=itemgetter(0))


class Headers(awsrequest.HeadersDict):
    """Takes the place of botocore's headers, of requests and responses: by name, whatever its case; kept as first written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._dict: dict[str, tuple[str, Any]] = {}
        if args or kwargs:
            self.update(*args, **kwargs)

    def __setitem__(self, key: str, value: Any) -> None:
        name = key.lower()
        first = self._dict.get(name)
        self._dict[name] = (first[0] if first else key, value)

    def __getitem__(self, key: str) -> Any:
        return self._dict[key.lower()][1]

    def __delitem__(self, key: str) -> None:
        del self._dict[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._dict

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._dict.values()])

    def __repr__(self) -> str:
        return repr(dict(self._dict.values()))

    def get(self, key: str, default: Any = None) -> Any:
        """Returns a header's value."""
        found = self._dict.get(key.lower())
        return found[1] if found else default

    def items(self) -> Any:
        """Returns a view of names and values."""
        return dict(self._dict.values()).items()

    def copy(self) -> Headers:
        """Makes headers of their own."""
        copied = Headers()
        copied._dict.update(self._dict)
        return copied


class WireSerializer:
    """Takes the place of botocore's JSON serializer for DynamoDB and SQS."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        """Writes parameters as they are: PynamoDB's are what DynamoDB expects, and those of our queues are texts and numbers."""
        if operation_model.name not in OPERATIONS and operation_model.name not in QUEUE_OPERATIONS:
            request: dict[str, Any] = self._original.serialize_to_request(parameters, operation_model)
            return request
        metadata = operation_model.metadata
        headers = {
            "X-Amz-Target": f"{metadata['targetPrefix']}.{operation_model.name}",
            "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
        }
        if operation_model.service_model.is_query_compatible:
            headers["x-amzn-query-mode"] = "true"
        body = _json_of(parameters).encode()
        return {"url_path": "/", "query_string": "", "method": "POST", "headers": headers, "body": body}


class WrittenOperations(list[dict[str, Any]]):
    """Operations of a transaction with their JSON."""

    def __init__(self, operations: Sequence[dict[str, Any]], text: str) -> None:
        super().__init__(operations)
        self.text = text


def _json_of(parameters: dict[str, Any]) -> str:
    operations = parameters.get("TransactItems")
    if not isinstance(operations, WrittenOperations):
        return _dumps(parameters)
    rest = {name: value for name, value in parameters.items() if name != "TransactItems"}
    return f'{_dumps(rest)[:-1]},"TransactItems":[{operations.text}]}}'


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=_binary)


class FormSerializer:
    """Takes the place of botocore's serializer for SNS: encodes the form once."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self._forms: dict[tuple[Any, ...], dict[str, Any]] = {}
        """Requests without what differs from text to text, their form encoded."""

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        """Returns botocore's request with its form encoded."""
        own = {name: value for name, value in parameters.items() if name in _OWN}
        rest = {name: value for name, value in parameters.items() if name not in _OWN}
        key = operation_model.name, _frozen(rest)
        request = self._forms.get(key)
        if request is None:
            if len(self._forms) >= _FORMS_MOST:
                self._forms.clear()
            request = self._forms[key] = self._encoded(rest, operation_model)
        body = request["body"] + "".join(f"&{name}={_quoted(value)}" for name, value in own.items()).encode()
        return {**request, "headers": dict(request["headers"]), "body": body}

    def _encoded(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        request: dict[str, Any] = self._original.serialize_to_request(parameters, operation_model)
        pairs = (f"{_quoted(name)}={_quoted(value)}" for name, value in request["body"].items())
        return {**request, "body": "&".join(pairs).encode()}


_OWN = frozenset({"Message", "PhoneNumber"})
"""What differs from text to text. All else repeats: names, the action, the sender, the kind of message."""
_FORMS_MOST = 1000
"""Forms remembered: one for each number that employers send by."""
_QUOTED = {code: quote_plus(chr(code)) for code in range(128)}


def _frozen(value: Any) -> Any:
    return tuple((name, _frozen(one)) for name, one in value.items()) if isinstance(value, dict) else value


def _quoted(text: Any) -> str:
    text = str(text)
    return text.translate(_QUOTED) if text.isascii() else quote_plus(text)


class WireParsers:
    """Takes the place of botocore's factory of parsers."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self._parsers: dict[str, WireParser] = {}

    def create_parser(self, protocol: str) -> WireParser:
        """Returns the parser of a protocol, made once."""
        if protocol not in self._parsers:
            self._parsers[protocol] = WireParser(self._original.create_parser(protocol))
        return self._parsers[protocol]


class WireParser:
    """Takes the place of one of botocore's parsers."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        """Parses a DynamoDB response. Errors, binary values and all other operations are left to botocore."""
        body = response["body"]
        plain = response["status_code"] == 200 and shape is not None and shape.name in _OUTPUTS
        if plain and b'"B"' not in body and b'"BS"' not in body:
            try:
                parsed = json.loads(body)
            except ValueError:
                return self._original.parse(response, shape)
            headers = {name.lower(): value for name, value in response["headers"].items()}
            request_id = headers.get("x-amzn-requestid")
            parsed["ResponseMetadata"] = {"RequestId": request_id, "HTTPStatusCode": 200, "HTTPHeaders": headers}
            return parsed
        return self._original.parse(response, shape)


def _binary(value: Any) -> str:
    return base64.b64encode(value).decode()


class AttributeSpec(NamedTuple):
    """One attribute of a model. `deserialize` and `serialize` are None where the stored value is the value."""

    name: str
    stored: str
    kind: str
    attribute: Attribute[Any]
    deserialize: Callable[[Any], Any] | None
    serialize: Callable[[Any], Any] | None


class ModelSpec(NamedTuple):
    """The attributes of a model, looked up once."""

    in_order: list[AttributeSpec]
    by_name: dict[str, AttributeSpec]
    readers: dict[str, tuple[str, str, Callable[[Any], Any] | None]]
    """By stored name: the name, the kind and `deserialize`."""
    defaults: dict[str, Any]
    names: frozenset[str]

    def new(self, values: dict[str, Any]) -> dict[str, Any]:
        """Adds defaults to the values of a new item. Raises ValueError for a name that is no attribute's."""
        if not self.names.issuperset(values):
            raise ValueError(f"no such attribute: {sorted(set(values) - self.names)}")
        return {**self.defaults, **values}

    def read(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Reads the values of a raw item. Ignores attributes that this code does not know."""
        values, specs = dict(self.defaults), self.readers
        for stored, typed in raw.items():
            try:
                name, kind, deserialize = specs[stored]
                values[name] = typed[kind] if deserialize is None else deserialize(typed[kind])
            except (KeyError, ValueError):
                self._read_odd(values, stored, typed)
        return values

    def _read_odd(self, values: dict[str, Any], stored: str, typed: dict[str, Any]) -> None:
        """Reads an attribute that is not known, has no value or another type, or is a number that is not whole."""
        if stored not in self.readers:
            return
        name, kind, _ = self.readers[stored]
        if kind in typed:
            values[name] = self.by_name[name].attribute.deserialize(typed[kind])
        elif typed and "NULL" not in typed:
            raise AttributeDeserializationError(stored, kind)

    def write(self, values: dict[str, Any]) -> dict[str, Any]:
        """Makes the raw item of some values. Raises AttributeNullError where one is missing."""
        raw = {}
        for name, stored, kind, attribute, _, serialize in self.in_order:
            value = values[name] if name in values else None  # noqa: SIM401 - a call for each attribute costs more
            if value is not None and serialize is not None:
                value = serialize(value)
            if value is not None:
                raw[stored] = {kind: value}
            elif not attribute.null:
                raise AttributeNullError(name)
        return raw


class FastAttribute:
    """Takes an attribute's place on its model: PynamoDB's attribute on the class, None on an item that has no value.

    A value is in the item's `__dict__` (see `FastModel`), where Python looks first, as this has no `__set__`. Writing a decision
    asks 260 times.
    """

    __slots__ = ("attribute",)

    def __init__(self, attribute: Attribute[Any]) -> None:
        self.attribute = attribute

    def __get__(self, item: Any, model: Any = None) -> Any:
        return self.attribute if item is None else None


if config.fast_path():
    vars(attributes)["getmembers"] = vars(models)["getmembers"] = members_of


@cache
def model_spec(model: Any) -> ModelSpec | None:
    """Returns a model's attributes; None where PynamoDB's own way is used.

    That is where the fast path is off, and for models with nested attributes or with computed defaults.
    """
    return _install_on_model(model) if config.fast_path() else None


def _install_on_model(model: Any) -> ModelSpec | None:
    attributes = model.get_attributes()
    if any(
        isinstance(one, AttributeContainer) or callable(one.default) or one.default_for_new is not None
        for one in attributes.values()
    ):
        return None
    specs = [
        AttributeSpec(name, one.attr_name, one.attr_type, one, _quick(one, "deserialize"), _quick(one, "serialize"))
        for name, one in attributes.items()
    ]
    for name, one in attributes.items():
        one.set = partial(_set, one, Path(one))
        setattr(model, name, FastAttribute(one))
    return ModelSpec(
        specs,
        {spec.name: spec for spec in specs},
        {spec.stored: (spec.name, spec.kind, spec.deserialize) for spec in specs},
        {name: one.default for name, one in attributes.items() if one.default is not None},
        frozenset(attributes),
    )


def _quick(attribute: Attribute[Any], way: str) -> Callable[[Any], Any] | None:
    """An attribute's own function; None where it changes nothing. PynamoDB writes and reads numbers as JSON."""
    function = getattr(type(attribute), way)
    if function in (getattr(Attribute, way), BooleanAttribute.deserialize):
        return None
    if function is getattr(NumberAttribute, way):
        return _write_number if way == "serialize" else int
    if function is getattr(JSONAttribute, way):
        return _write_json if way == "serialize" else _read_json
    return getattr(attribute, way)


def _write_number(value: Any) -> str:
    return str(value) if type(value) is int else json.dumps(value)


_scan_json: Any = vars(json.JSONDecoder(strict=False))["scan_once"]
"""Reads one value, and says where it ends. `json.loads` skips the white space around it by regular expressions."""


def _json_writer() -> Callable[[Any], str]:
    """Makes what writes JSON as `json.dumps` does, which makes a new encoder in C for each value."""
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return json.dumps
    to_text = json.encoder.encode_basestring_ascii
    parts = make(None, json.JSONEncoder().default, to_text, None, ": ", ", ", False, False, True)
    return lambda value: "".join(parts(value, 0))


_write_json = _json_writer()


def _read_json(text: str) -> Any:
    """Reads JSON as we write it, with nothing around it; any other as PynamoDB does."""
    try:
        value, end = _scan_json(text, 0)
    except (ValueError, StopIteration):
        return json.loads(text, strict=False)
    return json.loads(text, strict=False) if text[end:] else value


def actions_to(item: FastModel, names: Iterable[str]) -> list[Action]:
    """Makes the actions by which these attributes of a stored item get the item's values."""
    model: Any = type(item)
    attributes = [(getattr(model, name), item.attribute_values.get(name)) for name in names]
    return [attribute.remove() if value is None else attribute.set(value) for attribute, value in attributes]


def _set(attribute: Attribute[Any], path: Path, value: Any) -> SetAction | RemoveAction:
    """Makes the action that sets an attribute, as PynamoDB does, which makes it itself of all but a single value."""
    if value is None or attribute.attr_type in _COMPOSED or isinstance(value, (dict, Attribute, Operand)):
        return path.set(value)
    serialized = attribute.serialize(value)
    return RemoveAction(path) if serialized is None else SetAction(path, Value({attribute.attr_type: serialized}))


_COMPOSED = frozenset({LIST, MAP})


def _replace_values(item: Any, values: dict[str, Any]) -> None:
    item.__dict__ = values


class FastModel(Model):
    """A PynamoDB model that reads and writes only the attributes that an item has. It keeps their values as its `__dict__`."""

    attribute_values = property(vars, _replace_values)

    def __init__(self, hash_key: Any = None, range_key: Any = None, _user_instantiated: bool = True, **values: Any) -> None:
        spec = model_spec(type(self)) if _user_instantiated else None
        if spec is None:
            super().__init__(hash_key, range_key, _user_instantiated, **values)
            return
        self.__dict__ = spec.new(values)
        if hash_key is not None:
            self.__dict__["PK"] = hash_key
        if range_key is not None:
            self.__dict__["SK"] = range_key

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        """Makes an item of a raw one, as PynamoDB does."""
        spec = model_spec(cls)
        if spec is None:
            return super().from_raw_data(data)
        item = cls.__new__(cls)
        item.__dict__ = spec.read(data)
        return item

    def to_raw_data(self) -> dict[str, Any]:
        """Makes the raw item, as PynamoDB does. Raises AttributeNullError where a value is missing."""
        spec = model_spec(type(self))
        return spec.write(self.attribute_values) if spec else dict(self.serialize())


def put_request(item: FastModel, condition: Condition | None = None) -> dict[str, Any]:
    """Makes the Put of a whole item."""
    if not config.fast_path():
        return item.get_save_kwargs_from_instance(condition=condition)
    return _where({"TableName": item.Meta.table_name, "Item": item.to_raw_data()}, condition)


def delete_request(item: FastModel, condition: Condition | None = None) -> dict[str, Any]:
    """Makes the Delete of an item."""
    if not config.fast_path():
        return item.get_delete_kwargs_from_instance(condition=condition)
    return _where({"TableName": item.Meta.table_name, "Key": _raw_key(item)}, condition)


def _raw_key(item: FastModel) -> dict[str, Any]:
    values = item.attribute_values
    return {"PK": {"S": values["PK"]}, "SK": {"S": values["SK"]}}


def _where(request: dict[str, Any], condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return request
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    request["ConditionExpression"] = condition.serialize(names, values)
    request["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    return {**request, "ExpressionAttributeValues": values} if values else request


_NOT_THERE = {"ConditionExpression": "attribute_not_exists (#0)", "ExpressionAttributeNames": {"#0": "PK"}}


def transact(
    connection: Any,
    *,
    condition_check_items: Sequence[dict[str, Any]],
    delete_items: Sequence[dict[str, Any]],
    put_items: Sequence[dict[str, Any]],
    update_items: Sequence[dict[str, Any]],
    client_request_token: str,
    text: str = "",
) -> None:
    """Writes a transaction. Raises TransactWriteError, as PynamoDB does. Its signals, which nobody awaits, are left out.

    `text` is the JSON of its operations where it is at hand.
    """
    every = {
        "ConditionCheck": condition_check_items,
        "Delete": delete_items,
        "Put": put_items,
        "Update": update_items,
    }
    if not config.fast_path():
        connection.transact_write_items(*every.values(), client_request_token=client_request_token)
        return
    operations = [{kind: one} for kind, some in every.items() for one in some]
    request = {
        "ClientRequestToken": client_request_token,
        "ReturnConsumedCapacity": "TOTAL",
        "TransactItems": WrittenOperations(operations, text) if text else operations,
    }
    try:
        connection._make_api_call("TransactWriteItems", request)
    except BOTOCORE_EXCEPTIONS as error:
        raise TransactWriteError("Failed to write transaction items", error) from error


def text_of(kind: str, some: Sequence[dict[str, Any]]) -> str:
    """Writes operations of a kind as they are sent, as a part of what `transact` takes."""
    return _dumps([{kind: one} for one in some])[1:-1]


def create_request(item: FastModel) -> dict[str, Any]:
    """Makes the Put of an item that must not exist yet."""
    if not config.fast_path():
        return put_request(item, item.get_attributes()["PK"].does_not_exist())
    return {**put_request(item), **_NOT_THERE}


def write_request(item: FastModel, names: Sequence[str], unchanged: tuple[str, Any] | None = None) -> dict[str, Any]:
    """Makes the Update by which these attributes of a stored item get the item's values.

    `unchanged` is one of the attributes with a value that it must still have.
    """
    spec, now = model_spec(type(item)), item.attribute_values
    if spec is None:
        condition = getattr(type(item), unchanged[0]) == unchanged[1] if unchanged else None
        return update_request(item, actions_to(item, names), condition)
    request: dict[str, Any] = {"TableName": item.Meta.table_name, "Key": _raw_key(item)}
    stored_names: dict[str, str] = {}
    values: dict[str, Any] = {}
    sets: list[str] = []
    removed: list[str] = []
    for number, name in enumerate(names):
        _, stored, kind, _, _, serialize = spec.by_name[name]
        place, value = f"#{number}", now.get(name)
        stored_names[place] = stored
        if value is not None and serialize is not None:
            value = serialize(value)
        if value is None:
            removed.append(place)
        else:
            values[f":{number}"] = {kind: value}
            sets.append(f"{place} = :{number}")
    if unchanged:
        name, was = unchanged
        _, _, kind, _, _, serialize = spec.by_name[name]
        values[":was"] = {kind: serialize(was) if serialize else was}
        request["ConditionExpression"] = f"#{names.index(name)} = :was"
    every = ("SET ", sets), ("REMOVE ", removed)
    request["UpdateExpression"] = " ".join([word + ", ".join(parts) for word, parts in every if parts])
    request["ExpressionAttributeNames"] = stored_names
    return {**request, "ExpressionAttributeValues": values} if values else request


def update_request(item: FastModel, actions: Sequence[Action], condition: Condition | None) -> dict[str, Any]:
    """Makes the Update of an item's attributes."""
    if not config.fast_path():
        return item.get_update_kwargs_from_instance(actions=list(actions), condition=condition)
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    request: dict[str, Any] = {"TableName": item.Meta.table_name, "Key": _raw_key(item)}
    if condition is not None:
        request["ConditionExpression"] = condition.serialize(names, values)
    request["UpdateExpression"] = _update_expression(actions, names, values)
    request["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    return {**request, "ExpressionAttributeValues": values} if values else request


def _update_expression(actions: Sequence[Action], names: dict[str, str], values: dict[str, Any]) -> str | None:
    """Writes PynamoDB's expression, and its placeholders to `names` and `values`: what is set, then removed, then added to."""
    sets = [action for action in actions if type(action) is SetAction]
    removed = [action for action in actions if type(action) is RemoveAction]
    added = [action for action in actions if type(action) is AddAction]
    if len(sets) + len(removed) + len(added) < len(actions):
        return Update(*actions).serialize(names, values)
    setting = [_assignment(action, " = ", names, values) for action in sets]
    removing = [_operand(action.values[0], names, values) for action in removed]
    adding = [_assignment(action, " ", names, values) for action in added]
    every = ("SET", setting), ("REMOVE", removing), ("ADD", adding)
    return " ".join([f"{word} {', '.join(parts)}" for word, parts in every if parts]) or None


def _assignment(action: Any, between: str, names: dict[str, str], values: dict[str, Any]) -> str:
    path, value = action.values
    return f"{_operand(path, names, values)}{between}{_operand(value, names, values)}"


def _operand(operand: Any, names: dict[str, str], values: dict[str, Any]) -> str:
    """Writes an attribute of the item or a value by its placeholder; what is composed of several, PynamoDB writes."""
    if type(operand) is Value:
        placeholder = f":{len(values)}"
        values[placeholder] = operand.value
        return placeholder
    if type(operand) is Path:
        path = operand.path
        if len(path) == 1 and "[" not in path[0]:
            return names.setdefault(path[0], f"#{len(names)}")
    return str(operand.serialize(names, values))
