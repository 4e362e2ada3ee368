"""Request body of a posting: what statutes depend on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.api.schema_types import Body, Day, Jurisdiction, Name, ZoneName
from chalicelib.rules.model import Advertised, DocumentsFiled, WorkPlace


class PostingIn(Body):
    """`headcount` is that of posting day; `work` says whether the work is done where the statute holds; `documents_filed` how
    candidates hand in documents; `selection_body` who conducts the selection, where it is not the employer.

    A statute is taken to apply where a field is absent; the response says so.
    """

    job_title: Name
    jurisdiction: Jurisdiction
    headcount: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    advertised: Advertised | None = None
    role_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    posted_on: Day | None = None
    filled_on: Day | None = None
    timezone: ZoneName | None = None
    work: WorkPlace | None = None
    food_service: bool | None = None
    documents_filed: DocumentsFiled | None = None
    selection_body: Name | None = None
