"""After an outage nothing stale is sent, and every skipped message is listed."""

from __future__ import annotations

from chalicelib.storage import keys


def test_a_due_reminder_is_listed_as_expired_though_a_client_writes_before_the_scheduler_runs(employer, clock, outbox, run_ticks):
    """A write after five days without ticks still lists the first reminder as expired."""
    made = employer.post(
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Ann", "email": "ann@example.com"}, "job_title": "Cook"},
            "stage": "screen",
            "start_at": clock.text(hours=-49),
            "end_at": clock.text(hours=-48, minutes=1),
        },
    )
    assert made.status == 201, made
    application = made.json["application"]
    clock.advance(days=4, hours=20)
    changed = employer.patch(f"/v1/candidates/{application['candidate']['id']}", {"email": "ann.other@example.com"})
    assert changed.status == 200, changed
    run_ticks()
    steps = {item.step: item.status for item in _messages(employer, application["id"])}
    assert steps["nudge_1"] == "expired"
    assert all(sent["to"] == "ann.other@example.com" for sent in outbox)


def _messages(employer, application_id):
    from chalicelib.storage import table

    return table.query(keys.case_pk(employer.employer_id, application_id), "MSG#")
