"""Imports every kind of item: one that is not known yet would be passed over when it is read, in an erasure too.

Routes and jobs import what they call at their first use, so nothing else makes sure that all kinds are known.
A test (`test_the_app_alone_knows_every_kind_of_item`) finds one that is missing here.
"""

from chalicelib.api import idempotency_record
from chalicelib.applications import digest_schedule, groups
from chalicelib.applications import items as applications
from chalicelib.applications.candidates import items as candidates
from chalicelib.applications.law import items as law
from chalicelib.applications.privacy import items as privacy
from chalicelib.auth import api_keys, audit_log, employers, rate_limit, sign_in_codes, single_sign_on, users
from chalicelib.integrations.ats import items as ats
from chalicelib.integrations.imports import items as imports
from chalicelib.integrations.webhooks import items as webhooks
from chalicelib.jobs import restore_guard
from chalicelib.messaging import messages, pending_store, reply_store
from chalicelib.messaging.letters import items as letters
from chalicelib.reputation import counters
from chalicelib.reputation import items as reputation
from chalicelib.storage import feed, outbox, recipients, sms_spend

MODULES = (
    api_keys,
    applications,
    ats,
    audit_log,
    candidates,
    counters,
    digest_schedule,
    employers,
    feed,
    groups,
    idempotency_record,
    imports,
    law,
    letters,
    messages,
    outbox,
    pending_store,
    privacy,
    rate_limit,
    recipients,
    reply_store,
    reputation,
    restore_guard,
    sign_in_codes,
    single_sign_on,
    sms_spend,
    users,
    webhooks,
)
"""The modules that define kinds."""
