"""Measures a warm request's time outside DynamoDB, beside other frameworks with the same JSON.

Ours: the whole handler, without the time of its DynamoDB requests. The others only parse a
body and return it. CPU time of this thread, interleaved, median.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.ground import middle, table

ROOT = Path(__file__).resolve().parents[1]


def run(rounds: int = 11, calls: int = 100) -> dict[str, list[float]]:
    """In a process of its own, by the interpreter that has the frameworks where there is one."""
    done = subprocess.run(
        [os.environ.get("BENCH_PYTHON", sys.executable), "-m", "bench.warm", str(rounds), str(calls)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _event(method: str, path: str, resource: str, key: str = "", body: str | None = None, **params: str) -> dict[str, Any]:
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "body": body,
        "isBase64Encoded": False,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": params or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": path,
            "requestId": "r",
            "stage": "api",
            "identity": {"sourceIp": "127.0.0.1"},
        },
    }


class _Context:
    aws_request_id, function_name, memory_limit_in_mb, invoked_function_arn = "r", "bench", 512, "arn:aws:lambda:::function:bench"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def frameworks() -> dict[str, Any]:
    """name -> a function that parses a body and returns it."""
    from chalice import Chalice

    plain = Chalice(app_name="plain", configure_logs=False)

    @plain.route("/echo", methods=["POST"])
    def echo() -> Any:
        request: Any = plain.current_request
        return request.json_body

    event = _event("POST", "/echo", "/echo", body=json.dumps({"name": "Sam", "stage": "interview"}))
    found = {"bare Chalice route": lambda: plain(dict(event), _Context())}
    try:
        from aws_lambda_powertools.event_handler import APIGatewayRestResolver

        resolver = APIGatewayRestResolver()
        resolver.post("/echo")(lambda: resolver.current_event.json_body)
        found["Powertools' resolver"] = lambda: resolver.resolve(dict(event), _Context())
    except ImportError:
        pass
    try:
        from fastapi import FastAPI
        from mangum import Mangum

        web = FastAPI()

        @web.post("/echo")
        def echoed(body: dict) -> dict:
            return body

        handler = Mangum(web, lifespan="off")
        found["FastAPI and Mangum"] = lambda: handler(dict(event), _Context())
    except ImportError:
        pass
    return found


def ours(spent: list[float]) -> dict[str, Any]:
    """name -> a function; `spent` gets the time of its DynamoDB requests."""
    import app
    from chalicelib.storage import table as ground_table
    from tests.engines import Api

    employer = Api(app.app).new_employer()
    interview = {
        "application": {"candidate": {"name": "Sam", "email": "sam@example.com"}, "job_title": "Cook"},
        "stage": "interview",
        "start_at": "2026-06-01T10:00:00Z",
        "end_at": "2026-06-01T11:00:00Z",
    }
    made = employer.post("/v1/interviews", interview).json
    application = made["application"]["id"]
    client, call = ground_table.client(), ground_table.client()._make_api_call

    def timed(*args: Any) -> Any:
        began = time.thread_time()
        try:
            return call(*args)
        finally:
            spent[0] += time.thread_time() - began

    client._make_api_call = timed
    read = _event(
        "GET",
        f"/v1/applications/{application}",
        "/v1/applications/{application_id}",
        employer.key or "",
        application_id=application,
    )
    decide = [
        _event(
            "PATCH",
            f"/v1/applications/{application}",
            "/v1/applications/{application_id}",
            employer.key or "",
            json.dumps({"decided": decided}),
            application_id=application,
        )
        for decided in ("rejected", "advancing")
    ]
    again = _event("POST", "/v1/interviews", "/v1/interviews", employer.key or "", json.dumps(interview))
    turns = itertools.cycle(decide)
    return {
        "Heardback: read an application": lambda: app.app(dict(read), _Context()),
        "Heardback: record a decision": lambda: app.app(dict(next(turns)), _Context()),
        "Heardback: post an interview again": lambda: app.app(dict(again), _Context()),
    }


def main(rounds: int, calls: int) -> None:
    from bench.ground import ground
    from tests.engines import OPERATOR_KEY

    os.environ["HEARDBACK_REQUESTS_PER_SECOND"] = "0"
    with ground(on_disk=False):
        from chalicelib import config
        from infra.local.environment import environment

        os.environ["HEARDBACK_OPERATOR_KEY_SHA256"] = environment("", "", "", "", OPERATOR_KEY)["HEARDBACK_OPERATOR_KEY_SHA256"]
        os.environ["HEARDBACK_REQUESTS_PER_SECOND"] = "0"
        config.forget()
        spent = [0.0]
        every = {**frameworks(), **ours(spent)}
        taken: dict[str, list[float]] = {name: [] for name in every}
        for number in range(rounds + 1):
            for name, call in every.items():
                one = []
                for _ in range(calls):
                    spent[0], began = 0.0, time.thread_time()
                    status = call().get("statusCode")
                    one.append((time.thread_time() - began - spent[0]) * 1000)
                    assert status in (200, 201), (name, status)
                if number:
                    taken[name].append(statistics.median(one))
        print(json.dumps(taken))


def markdown(taken: dict[str, list[float]]) -> str:
    bare = statistics.median(taken["bare Chalice route"])
    return table(
        [
            ["handler", "ms of CPU outside DynamoDB", "× bare Chalice"],
            *[[name, middle(times, 3), f"{statistics.median(times) / bare:.1f}"] for name, times in taken.items()],
        ]
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
