"""Looks at whether mail of the stage's domain comes in: the domain, its MX record, the rule set that is active."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator

import boto3
from botocore.exceptions import ClientError

from infra.aws.findings import Finding, missing, ready

Lookup = Callable[[str], str | None]
"""A domain -> what DNS says of its MX records, as text. None where this machine cannot ask."""


def mx_records(domain: str) -> str | None:
    """Asks DNS by `nslookup`: the standard library knows addresses only."""
    command = shutil.which("nslookup")
    if command is None:
        return None
    try:
        done = subprocess.run([command, "-type=mx", domain], capture_output=True, text=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.lower()


def findings(domain: str, region: str, rule_set: str, stage: str, lookup: Lookup = mx_records) -> Iterator[Finding]:
    """What is ready and missing for mail to `domain`. Nothing where no domain is given: mail is then not taken in."""
    if not domain:
        return
    yield from _rules(domain, rule_set, stage, region)
    verify = f"aws sesv2 create-email-identity --email-identity {domain}"
    yield ready(f"{domain} is verified in SES") if _is_verified(domain) else missing(f"{domain} is not verified in SES", verify)
    yield _mx(domain, region, lookup)


def _rules(domain: str, rule_set: str, stage: str, region: str) -> Iterator[Finding]:
    activate = f"aws ses set-active-receipt-rule-set --rule-set-name {rule_set}"
    try:
        active = boto3.client("ses").describe_active_receipt_rule_set()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
            raise
        yield missing(f"SES takes no mail in {region}", "deploy to a region where SES receives mail: docs/operations.md")
        return
    name = active.get("Metadata", {}).get("Name")
    if name is None:
        yield missing("no receipt rule set of SES is active: mail to it is refused", activate)
    elif name != rule_set:
        instead = f'make deploy STAGE={stage} SET="InboundMailRuleSet={name}"'
        yield missing(f"the receipt rule set {name} is active, and not {rule_set}", instead)
    elif not any(domain in rule.get("Recipients", []) and rule.get("Enabled") for rule in active.get("Rules", [])):
        yield missing(f"no rule of {name} takes mail to {domain}", f"make deploy STAGE={stage}")
    else:
        yield ready(f"SES takes mail to {domain}")


def _is_verified(domain: str) -> bool:
    """Whether the domain, or one that it is a part of, is verified: SES takes mail of sub-domains too."""
    labels = domain.split(".")
    for begin in range(len(labels) - 1):
        try:
            if boto3.client("sesv2").get_email_identity(EmailIdentity=".".join(labels[begin:])).get("VerifiedForSendingStatus"):
                return True
        except ClientError as error:
            if error.response["Error"]["Code"] != "NotFoundException":
                raise
    return False


def _mx(domain: str, region: str, lookup: Lookup) -> Finding:
    endpoint, said = f"inbound-smtp.{region}.amazonaws.com", lookup(domain)
    if said is None:
        return Finding("not seen", f"the MX record of {domain}: DNS did not answer, or this machine has no nslookup")
    if endpoint in said:
        return ready(f"mail to {domain} is sent to SES")
    return missing(f"the MX record of {domain} does not name SES", f"in DNS: {domain} MX 10 {endpoint}")
