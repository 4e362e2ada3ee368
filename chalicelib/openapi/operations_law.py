"""Operations of statutes, postings, duties and evidence."""

from __future__ import annotations

from chalicelib.applications.law.responses import Duties, Evidence, Posting, Statute
from chalicelib.applications.law.schema import PostingIn
from chalicelib.openapi.operation import Operation, one_of, text

OPERATIONS = {
    "GET /v1/statutes": Operation("list_statutes", "Every statute that is known here", Statute, page=True, is_short=True),
    "PUT /v1/postings": Operation(
        "put_posting",
        "Say what the law asks about a job",
        Posting,
        also={201: "Made"},
        takes=PostingIn,
        example={"job_title": "Welder", "jurisdiction": "CA-ON", "headcount": 40, "advertised": "public"},
        says="Made or replaced whole, by job title.",
    ),
    "GET /v1/postings": Operation(
        "list_postings", "List postings", Posting, page=True, query={"job_title": text("This job.", "Welder")}
    ),
    "GET /v1/applications/{application_id}/duties": Operation(
        "list_duties",
        "Statutory deadlines of an application",
        Duties,
        faults=(422,),
        says="And by which ways this person may be told.",
    ),
    "GET /v1/applications/{application_id}/evidence": Operation(
        "get_evidence",
        "What happened and what was told",
        Evidence,
        query={"format": one_of("json", "html", says="`html` is a page to print.")},
        gives_files=("text/html",),
    ),
}
