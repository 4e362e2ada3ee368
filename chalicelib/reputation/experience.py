"""How candidates found it, by stage and group: `GET /v1/experience` and a section of the report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import groups
from chalicelib.applications.items import ExperienceItem
from chalicelib.applications.tally_items import group_key
from chalicelib.reputation import responses
from chalicelib.reputation.tally_of_request import GROUP
from chalicelib.rules import experience
from chalicelib.rules.experience import Answer, Figures
from chalicelib.storage import keys, table

READ_MOST = 1000
"""Answers, of the latest applications: one request."""


def read(employer_id: str, group: str | None = None) -> list[Answer]:
    """Reads the answers of the latest applications, oldest application first: of all, or of one group."""
    found = table.query_backwards(keys.experience_pk(employer_id), "EXP#", "EXP#~", page=READ_MOST)
    items = [item for item in islice(found, READ_MOST) if isinstance(item, ExperienceItem)][::-1]
    wanted = group_key(group) if group else None
    return [_answer(item) for item in items if wanted is None or (item.group and group_key(item.group) == wanted)]


def _answer(item: ExperienceItem) -> Answer:
    return Answer(item.stage, item.group, int(item.score), item.line, item.at)


def show(request: Request) -> Response:
    """GET /v1/experience. The lines are for callers with `read`: a candidate may have written who they are."""
    query = request.read_query(GROUP)
    group = groups.demand(request.employer_id, query["group"]) if "group" in query else None
    answers, with_lines = read(request.employer_id, group), request.caller.may("read")
    return Response(body=_serialize(request, answers, [] if group else groups.names_of(request.employer_id), with_lines))


def _serialize(request: Request, answers: Sequence[Answer], names: Sequence[str], with_lines: bool) -> responses.Experience:
    def shown(figures: Figures) -> responses.ExperienceFigures:
        lines = list(figures.lines) if with_lines else None
        return responses.ExperienceFigures(figures.answers, figures.average, list(figures.scores), lines)

    return responses.Experience(
        as_of=request.now,
        shown_from=experience.SHOWN_FROM,
        by_stage={stage: shown(one) for stage, one in experience.by_stage(answers).items()},
        by_group={name: shown(one) for name, one in experience.by_group(answers, names).items()},
    )
