"""`make release STAGE=prod SENT_UNTIL=…`: lets a restored table send again. docs/operations.md, restore drill."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from chalicelib.messaging.restored_table import release
from chalicelib.storage import table
from infra.aws.account import use_account
from infra.aws.stack import outputs


def main() -> None:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--sent-until", required=True, help="when the lost table fell silent, with offset")
    told = parser.parse_args()
    sent_until = datetime.fromisoformat(told.sent_until)
    if sent_until.tzinfo is None:
        parser.error("--sent-until needs an offset, as in 2026-11-23T10:00:00Z")
    account = use_account()
    found = outputs(told.stage)
    if not found:
        parser.error(f"there is no stack of stage {told.stage}")
    table.bind(found["TableName"], account.region)
    counts = release(sent_until, datetime.now(UTC))
    print(
        f"{found['TableName']}: {counts['passed_over']} things due until {sent_until.isoformat()} will not be sent again. "
        f"{'It sends from now on.' if counts['released'] else 'Somebody else has released it.'}"
    )


if __name__ == "__main__":
    main()
