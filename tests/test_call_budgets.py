"""The most function calls that a warm request may cost outside the SDK. They are steady where times are not."""

from __future__ import annotations

import pytest

from chalicelib import config
from tests.engines import calls_outside_the_sdk
from tests.operations import OPERATIONS

CALLS_MOST = {
    "read one application": 880,
    "post an interview, everything new": 3_500,
    "post an interview of a known application": 2_370,
    "post the same interview again": 2_250,
    "move an interview": 2_240,
    "log a contact that answers": 1_750,
    "log a contact that promises": 2_150,
    "log a call that nobody answered": 1_430,
    "record a decision": 1_400,
}
"""About 4 % above what was seen. 540 of each are the test's own gateway."""


@pytest.mark.skipif(not config.fast_path(), reason="PynamoDB's own way costs more")
@pytest.mark.parametrize("name", CALLS_MOST)
def test_a_warm_request_costs_few_function_calls(name, api, clock):
    """A step that is done twice, or a value that is asked for by a call, shows on any machine. The first request imports."""
    for _ in range(2):
        call = OPERATIONS[name](api.new_employer(), clock)
        with calls_outside_the_sdk() as found:
            answer = call()
    assert answer.status < 300, answer
    assert found["calls"] <= CALLS_MOST[name]
