"""Replaces internals of botocore and PynamoDB that cost most of a request's CPU. HEARDBACK_FAST_PATH=0 turns all of it off.

What is replaced, and what each gains (measured by `python -m bench fast_path`; figures in docs/performance.md):

* `WireSerializer`, `WireParsers`: botocore walks every value through its shape. PynamoDB already gives and takes DynamoDB's JSON.
* `FormSerializer`: botocore encodes the form of an SNS request again for each reader (the signer, the sender); here once,
  and what repeats from text to text is not quoted again.
* `sender_options`: botocore checks the shapes of parameters and composes the User-Agent anew for every message.
* `install`: botocore composes the User-Agent twice for every request to DynamoDB (0.1 ms of 1.2), and looks through all
  operations of a transaction for the ARNs of tables (about 1.5 ms for a hundred).
* `share_sdk_data`: each botocore session reads the SDK's data files anew (75 ms of a cold start).
* `FastModel`: PynamoDB asks every attribute of a model through its descriptors, also those that an item does not have.
* `create_request`, `update_request`: PynamoDB builds a general request; these build the same one for our two-part key.
  It writes expressions by general code for paths; most updates only set and remove attributes.

Signing, retries, events, time-outs and errors stay botocore's (docs/decisions/signing-stays-with-botocore.md). Where a later
botocore keeps its serializer elsewhere, botocore's way is used; tests/storage/test_fast_path.py then fails.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, Self
from urllib.parse import quote_plus

from botocore.serialize import JSONSerializer, QuerySerializer
from pynamodb.attributes import Attribute, AttributeContainer
from pynamodb.exceptions import AttributeNullError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import Action, RemoveAction, SetAction, Update
from pynamodb.models import Model

from chalicelib import config

OPERATIONS = frozenset(
    {"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"}
)
USER_AGENT = "heardback botocore"
_OUTPUTS = frozenset(f"{name}Output" for name in OPERATIONS)


def install(client: Any) -> None:
    """Installs the faster serializer and parser in a botocore client for DynamoDB or SNS. Leaves other clients as they are."""
    serializer: Any = getattr(client, "_serializer", None)
    endpoint: Any = getattr(client, "_endpoint", None)
    if not config.fast_path():
        return
    if isinstance(serializer, QuerySerializer):
        client._serializer = FormSerializer(serializer)
    elif type(serializer) is JSONSerializer and _is_dynamodb(client) and hasattr(endpoint, "_response_parser_factory"):
        client._serializer = WireSerializer(serializer)
        endpoint._response_parser_factory = WireParsers(endpoint._response_parser_factory)
        client.meta.config._supplied_user_agent = USER_AGENT
        _resolve_endpoint_without_parameters(client)


def _resolve_endpoint_without_parameters(client: Any) -> None:
    """Resolves the endpoint without a request's table names: it depends on them only where they are ARNs, which ours is not."""
    resolver: Any = getattr(client, "_ruleset_resolver", None)
    if hasattr(resolver, "_resolve_param_as_operation_context_param"):
        resolver._resolve_param_as_operation_context_param = lambda *_args, **_kwargs: None


def _is_dynamodb(client: Any) -> bool:
    return bool(client.meta.service_model.service_name == "dynamodb")


def sender_options() -> dict[str, Any]:
    """Options of the clients that send messages. Our own code has checked the parameters."""
    if not config.fast_path():
        return {}
    return {
        "parameter_validation": False,
        "inject_host_prefix": False,
        "disable_request_compression": True,
        "user_agent": USER_AGENT,
    }


def share_sdk_data(session: Any, loader: Any) -> None:
    """Gives a botocore session the data loader of another one, which has read the SDK's data files."""
    if config.fast_path():
        session.register_component("data_loader", loader)


class WireSerializer:
    """Takes the place of botocore's JSON serializer for DynamoDB."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        """Writes PynamoDB's parameters as they are, which is what DynamoDB expects."""
        if operation_model.name not in OPERATIONS:
            request: dict[str, Any] = self._original.serialize_to_request(parameters, operation_model)
            return request
        metadata = operation_model.metadata
        headers = {
            "X-Amz-Target": f"{metadata['targetPrefix']}.{operation_model.name}",
            "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
        }
        body = json.dumps(parameters, separators=(",", ":"), default=_binary).encode()
        return {"url_path": "/", "query_string": "", "method": "POST", "headers": headers, "body": body}


class FormSerializer:
    """Takes the place of botocore's serializer for SNS: encodes the form once."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        """Returns botocore's request with its form encoded."""
        request: dict[str, Any] = self._original.serialize_to_request(parameters, operation_model)
        if isinstance(request["body"], dict):
            body = request["body"].items()
            pairs = [f"{_quoted(name)}={quote_plus(value) if name in _OWN else _quoted(value)}" for name, value in body]
            request["body"] = "&".join(pairs).encode()
        return request


_OWN = frozenset({"Message", "PhoneNumber"})
"""What differs from text to text. All else repeats: names, the action, the sender, the kind of message."""
_quoted = lru_cache(128)(quote_plus)


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
    """One attribute of a model. `deserialize` is None where the stored value is the value."""

    name: str
    stored: str
    attribute: Attribute[Any]
    deserialize: Callable[[Any], Any] | None


class ModelSpec(NamedTuple):
    """The attributes of a model, looked up once."""

    in_order: list[AttributeSpec]
    by_stored_name: dict[str, AttributeSpec]
    defaults: dict[str, Any]
    names: frozenset[str]

    def new(self, values: dict[str, Any]) -> dict[str, Any]:
        """Adds defaults to the values of a new item. Raises ValueError for a name that is no attribute's."""
        if not self.names.issuperset(values):
            raise ValueError(f"no such attribute: {sorted(set(values) - self.names)}")
        return {**self.defaults, **values}

    def read(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Reads the values of a raw item. Ignores attributes that this code does not know."""
        values = dict(self.defaults)
        for stored, typed in raw.items():
            spec = self.by_stored_name.get(stored)
            if spec is not None and typed and "NULL" not in typed:
                value = spec.attribute.get_value(typed)
                values[spec.name] = spec.deserialize(value) if spec.deserialize else value
        return values

    def write(self, values: dict[str, Any]) -> dict[str, Any]:
        """Makes the raw item of some values. Raises AttributeNullError where one is missing."""
        raw = {}
        for name, stored, attribute, _ in self.in_order:
            value = values.get(name)
            serialized = attribute.serialize(value) if value is not None else None
            if serialized is not None:
                raw[stored] = {attribute.attr_type: serialized}
            elif not attribute.null:
                raise AttributeNullError(name)
        return raw


class FastAttribute:
    """Takes an attribute's place on its model: PynamoDB's attribute on the class, the value on an item.

    It costs a fifth of PynamoDB's own access; writing a decision asks 150 times.
    """

    __slots__ = ("attribute", "name")

    def __init__(self, attribute: Attribute[Any], name: str) -> None:
        self.attribute, self.name = attribute, name

    def __get__(self, item: Any, model: Any = None) -> Any:
        return self.attribute if item is None else item.attribute_values.get(self.name)

    def __set__(self, item: Any, value: Any) -> None:
        item.attribute_values[self.name] = value


def model_spec(model: Any) -> ModelSpec | None:
    """Returns a model's attributes; None where PynamoDB's own way is used.

    That is where the fast path is off, and for models with nested attributes or with computed defaults.
    """
    return _install_on_model(model) if config.fast_path() else None


@cache
def _install_on_model(model: Any) -> ModelSpec | None:
    attributes = model.get_attributes()
    if any(
        isinstance(one, AttributeContainer) or callable(one.default) or one.default_for_new is not None
        for one in attributes.values()
    ):
        return None
    specs = [
        AttributeSpec(name, one.attr_name, one, None if type(one).deserialize is Attribute.deserialize else one.deserialize)
        for name, one in attributes.items()
    ]
    for name, one in attributes.items():
        setattr(model, name, FastAttribute(one, name))
    return ModelSpec(
        specs,
        {spec.stored: spec for spec in specs},
        {name: one.default for name, one in attributes.items() if one.default is not None},
        frozenset(attributes),
    )


class FastModel(Model):
    """A PynamoDB model that reads and writes only the attributes that an item has."""

    def __init__(self, hash_key: Any = None, range_key: Any = None, _user_instantiated: bool = True, **values: Any) -> None:
        spec = model_spec(type(self)) if _user_instantiated else None
        if spec is None:
            super().__init__(hash_key, range_key, _user_instantiated, **values)
            return
        self.attribute_values = spec.new(values)
        if hash_key is not None:
            self.attribute_values["PK"] = hash_key
        if range_key is not None:
            self.attribute_values["SK"] = range_key

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        """Makes an item of a raw one, as PynamoDB does."""
        spec = model_spec(cls)
        if spec is None:
            return super().from_raw_data(data)
        item = cls.__new__(cls)
        item.attribute_values = spec.read(data)
        return item

    def to_raw_data(self) -> dict[str, Any]:
        """Makes the raw item, as PynamoDB does. Raises AttributeNullError where a value is missing."""
        spec = model_spec(type(self))
        return spec.write(self.attribute_values) if spec else dict(self.serialize())


_NOT_THERE = {"ConditionExpression": "attribute_not_exists (#0)", "ExpressionAttributeNames": {"#0": "PK"}}


def create_request(item: FastModel) -> dict[str, Any]:
    """Makes the Put of an item that must not exist yet."""
    if not config.fast_path():
        return item.get_save_kwargs_from_instance(condition=item.get_attributes()["PK"].does_not_exist())
    return {"TableName": item.Meta.table_name, "Item": item.to_raw_data(), **_NOT_THERE}


def update_request(item: FastModel, actions: Sequence[Action], condition: Condition | None) -> dict[str, Any]:
    """Makes the Update of an item's attributes."""
    if not config.fast_path():
        return item.get_update_kwargs_from_instance(actions=list(actions), condition=condition)
    pk, sk = item.attribute_values["PK"], item.attribute_values["SK"]
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    request: dict[str, Any] = {"TableName": item.Meta.table_name, "Key": {"PK": {"S": pk}, "SK": {"S": sk}}}
    if condition is not None:
        request["ConditionExpression"] = condition.serialize(names, values)
    request["UpdateExpression"] = _update_expression(actions, names, values)
    request["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    return {**request, "ExpressionAttributeValues": values} if values else request


def _update_expression(actions: Sequence[Action], names: dict[str, str], values: dict[str, Any]) -> str | None:
    """Writes PynamoDB's expression, and its placeholders to `names` and `values`: what is set first, then what is removed."""
    sets = [action.values for action in actions if type(action) is SetAction]
    removed = [action.values[0] for action in actions if type(action) is RemoveAction]
    if len(sets) + len(removed) < len(actions):
        return Update(*actions).serialize(names, values)
    setting = [f"{_operand(path, names, values)} = {_operand(value, names, values)}" for path, value in sets]
    removing = [_operand(path, names, values) for path in removed]
    clauses = (f"{word} {', '.join(parts)}" for word, parts in (("SET", setting), ("REMOVE", removing)) if parts)
    return " ".join(clauses) or None


def _operand(operand: Any, names: dict[str, str], values: dict[str, Any]) -> str:
    """Writes an attribute of the item or a value by its placeholder; what is composed of several, PynamoDB writes."""
    if type(operand) is Value:
        placeholder = f":{len(values)}"
        values[placeholder] = operand.value
        return placeholder
    if type(operand) is Path and len(operand.path) == 1 and "[" not in operand.path[0]:
        return names.setdefault(operand.path[0], f"#{len(names)}")
    return str(operand.serialize(names, values))
