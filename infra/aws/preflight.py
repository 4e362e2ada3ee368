"""`make preflight STAGE=prod`: reads the account and says what is ready, what is missing, the next command. Changes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.aws import receiving, texting
from infra.aws.account import Account, use_account
from infra.aws.findings import Finding, missing, ready
from infra.aws.stack import outputs, parameters_of, stack, stack_of

WORDS: Mapping[Literal["ready", "missing", "not seen"], str] = {
    "ready": "ready   ",
    "missing": "MISSING ",
    "not seen": "not seen",
}
RESERVE = 110
"""Functions at once from which a small deployment can reserve its share: AWS keeps 100 unreserved."""


@dataclass(frozen=True)
class Target:
    """What is asked about: a stage of an account, with its parameters given or deployed and its outputs."""

    stage: str
    account: Account
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


Probe = Callable[[Target], Iterator[Finding]]


def look(target: Target) -> list[Finding]:
    """Runs every probe. What the caller may not read is named, and the others go on."""
    found: list[Finding] = []
    for probe in PROBES:
        try:
            found += list(probe(target))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "?")
            found.append(Finding("not seen", f"{title_of(probe)}: {error.operation_name} answers {code}"))
        except BotoCoreError as error:
            found.append(Finding("not seen", f"{title_of(probe)}: {type(error).__name__}"))
    return found


def title_of(probe: Probe) -> str:
    return str(probe.__doc__).rstrip(".").lower()


def stacks_there(target: Target) -> Iterator[Finding]:
    """Stacks."""
    deploy = f"make deploy STAGE={target.stage}"
    state = stack(target.stage).get("StackStatus")
    if state is None:
        email = target.parameters.get("EmailFrom", "hello@example.com")
        yield missing(f"there is no stack {stack_of(target.stage)} here yet", f'{deploy} SET="EmailFrom={email}"')
    elif state == "ROLLBACK_COMPLETE":
        yield missing("the first deployment failed", f"make destroy STAGE={target.stage}")
    elif state.endswith("_IN_PROGRESS") or "FAILED" in state:
        yield missing(f"the stack {stack_of(target.stage)} is {state}", deploy)
    else:
        yield ready(f"the stack {stack_of(target.stage)} is {state}")


def concurrency(_: Target) -> Iterator[Finding]:
    """Concurrency of functions."""
    limit = boto3.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit > RESERVE:
        yield ready(f"{limit} functions may run at once")
        return
    ask = "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000"
    yield missing(f"{limit} functions may run at once: too few to reserve any for reminders", ask)


def mail(_: Target) -> Iterator[Finding]:
    """Mail by SES."""
    account = boto3.client("sesv2").get_account()
    rate = account.get("SendQuota", {})
    if not account.get("SendingEnabled", True):
        yield missing("SES has paused this account's mail", "look at the reputation page of SES")
    if account.get("ProductionAccessEnabled"):
        yield ready(f"SES sends to anybody, {rate.get('MaxSendRate', 0):g} a second, {rate.get('Max24HourSend', 0):g} a day")
    else:
        ask = "aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL --website-url https://…"
        yield missing("SES is in its sandbox: mail reaches verified addresses only, 200 a day", ask)


def sender(target: Target) -> Iterator[Finding]:
    """The sender of mail."""
    address = target.parameters.get("EmailFrom", "")
    if not address:
        yield missing("no EmailFrom is given", f'make preflight STAGE={target.stage} SET="EmailFrom=hello@example.com"')
        return
    domain = address.rpartition("@")[2]
    identities = {name: held for name in (domain, address) if (held := _identity(name))}
    if not any(one.get("VerifiedForSendingStatus") for one in identities.values()):
        yield missing(f"{domain} is not verified in SES", f"aws sesv2 create-email-identity --email-identity {domain}")
        return
    yield ready(f"{address} may send")
    signed = any(one.get("DkimAttributes", {}).get("Status") == "SUCCESS" for one in identities.values())
    if signed:
        yield ready(f"mails of {domain} are signed by DKIM, which one-click unsubscribe needs")
    else:
        yield missing(f"mails of {domain} are not signed by DKIM", f"aws sesv2 get-email-identity --email-identity {domain}")


def _identity(name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = boto3.client("sesv2").get_email_identity(EmailIdentity=name)
        return found
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return {}


def sandbox_of_texts(_: Target) -> Iterator[Finding]:
    """The sandbox of texts."""
    if boto3.client("sns").get_sms_sandbox_account_status()["IsInSandbox"]:
        ask = "ask AWS to leave the SMS sandbox: SNS console, Text messaging, Exit SMS sandbox"
        yield missing("SNS is in its SMS sandbox: texts reach ten verified numbers only", ask)
    else:
        yield ready("SNS texts any number")


def spend_on_texts(target: Target) -> Iterator[Finding]:
    """The spend limit and the delivery log of texts."""
    held = boto3.client("sns").get_sms_attributes()["attributes"]
    limit = float(held.get("MonthlySpendLimit") or 1)
    if limit <= 1:
        yield missing(f"texts may cost ${limit:g} a month, then SNS sends none", "ask AWS for a higher SMS spend limit")
    else:
        yield ready(f"texts may cost ${limit:g} a month")
    if held.get("DeliveryStatusIAMRole") and held.get("DeliveryStatusSuccessSamplingRate") == "100":
        yield ready("SNS logs what became of every text")
    else:
        yield missing("SNS does not log what became of every text: failures stay unseen", f"make deploy STAGE={target.stage}")


def numbers(target: Target) -> Iterator[Finding]:
    """Numbers for texts."""
    yield from texting.findings(target.account, target.outputs.get("InboundSmsTopicArn"), target.parameters.get("SmsNumber", ""))


def mail_that_comes_in(target: Target) -> Iterator[Finding]:
    """Mail that comes in."""
    domain = target.parameters.get("InboundMailDomain", "")
    rule_set = target.outputs.get("InboundMailRuleSetName", "") or target.parameters.get("InboundMailRuleSet", "")
    yield from receiving.findings(domain, target.account.region, rule_set or f"heardback-{target.stage}", target.stage)


PROBES: tuple[Probe, ...] = (
    stacks_there,
    concurrency,
    mail,
    sender,
    sandbox_of_texts,
    spend_on_texts,
    numbers,
    mail_that_comes_in,
)


def target_of(stage: str, account: Account, given: Mapping[str, str]) -> Target:
    """Reads the stage's stack, where it may be read."""
    try:
        return Target(stage, account, {**parameters_of(stage), **given}, outputs(stage))
    except (ClientError, BotoCoreError):
        return Target(stage, account, given, {})


def report(found: list[Finding]) -> str:
    """What was found, a line each, and the first command to run next."""
    lines = [f"{WORDS[one.state]}  {one.says}" for one in found]
    steps = [one.next_step for one in found if one.state == "missing" and one.next_step]
    return "\n".join([*lines, "", f"Next: {steps[0]}" if steps else "Nothing that could be seen is missing."])


def main() -> None:
    parser = argparse.ArgumentParser(prog="make preflight", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("set", nargs="*", metavar="Parameter=value", help="parameters of infra/resources.yaml")
    told = parser.parse_args()
    given = dict(one.partition("=")[::2] for one in told.set)
    print(report(look(target_of(told.stage, use_account(), given))))


if __name__ == "__main__":
    main()
