"""Names of enums in the document: those of `rules.model`, and those that one package has for itself.

Two enums with the same values would have one name: a test refuses that.
"""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from chalicelib.auth.actors import ActorType
from chalicelib.auth.audit_log import WHATS
from chalicelib.errors import ProblemCode
from chalicelib.integrations.imports.encodings import ENCODINGS
from chalicelib.integrations.imports.profiles import FieldName
from chalicelib.integrations.imports.read_file import DELIMITERS
from chalicelib.reputation import report_shares
from chalicelib.rules import model

Json = dict[str, Any]
ENUMS: dict[str, tuple[str | int, ...]] = {
    **{name: get_args(one) for name, one in vars(model).items() if get_origin(one) is Literal},
    "ActorType": get_args(ActorType),
    "AuditAction": tuple(WHATS),
    "Delimiter": tuple(DELIMITERS),
    "Encoding": tuple(ENCODINGS),
    "EvidenceFormat": ("json", "html"),
    "FaultHandling": ("refuse", "skip_cell", "skip_row"),
    "FixedField": ("job_title", "stage"),
    "HealthStatus": ("ok", "late"),
    "ImportField": get_args(FieldName),
    "ImportState": ("running", "finished", "abandoned"),
    "ReplayedStatus": ("unmapped", "failed"),
    "ProblemCode": tuple(sorted(get_args(ProblemCode))),
    "ReportShareDays": report_shares.DAYS,
    "RequestOutcome": ("accepted", "accepted_before", "refused"),
    "ResolvedStatus": ("sent", "failed"),
    "SessionType": ("browser", "app"),
    "SpreadsheetFormat": ("csv", "xlsx"),
    "StatuteStatus": ("watch", "in_force"),
}
_NAMES = {frozenset(values): name for name, values in ENUMS.items()}


def name_enums(schema: Any, used: set[str]) -> Any:
    """Return a schema with each known enum replaced by a reference to its component. Adds their names to `used`."""
    if isinstance(schema, list):
        return [name_enums(one, used) for one in schema]
    if not isinstance(schema, dict):
        return schema
    values = schema.get("enum")
    if (
        isinstance(values, list)
        and schema.get("type", "string") in ("string", "integer")
        and (name := _NAMES.get(frozenset(values)))
    ):
        used.add(name)
        kept = {key: one for key, one in schema.items() if key not in ("enum", "type")}
        return {"$ref": f"#/components/schemas/{name}", **kept}
    return {key: name_enums(one, used) for key, one in schema.items()}


def schema_of(name: str) -> Json:
    """Return the component of an enum."""
    values = list(ENUMS[name])
    return {"type": "integer" if isinstance(values[0], int) else "string", "enum": values}
