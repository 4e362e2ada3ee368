#!/usr/bin/env bash
# The story by curl, against `make run`: an employer, an interview, 48 hours, a text, a call. Run it, or paste it whole.
# API, CONSOLE and OPERATOR (the operator's key) may be set; by default they come from .local/ready.json.
(
set -euo pipefail
READY=${READY:-.local/ready.json}
known() { sed -n 's/.*"'"$1"'": "\([^"]*\)".*/\1/p' "$READY"; }
API=${API:-$(known api)} CONSOLE=${CONSOLE:-$(known console)} OPERATOR=${OPERATOR:-$(known operator_key)}
field() { grep -o "\"$1\": *\"[^\"]*\"" | sed -n 1p | cut -d'"' -f4; }            # the first value of that name in a JSON text
post() { curl -sS --fail-with-body "$API$1" -H "Authorization: Bearer $2" -H "Content-Type: application/json" -d "$3"; }
get() { curl -sS --fail-with-body "$API$1" -H "Authorization: Bearer $KEY"; echo; }

echo "# An employer, and a key for it"
EMPLOYER=$(post /v1/employers "$OPERATOR" '{
  "name": "Blue Fern (sample)", "timezone": "America/New_York", "call_back_name": "Dana Reyes",
  "call_back_phone": "+12025550100", "digest_to": ["team@example.com"], "trial": false}' | field id)
KEY=$(post /v1/keys "$OPERATOR" '{"employer_id": "'"$EMPLOYER"'", "scopes": ["read", "write", "manage"]}' | field secret)

echo "# One interview this morning: finds or creates the candidate and the application; the clock starts"
DAY=$(curl -sS "$CONSOLE/clock" | field now | cut -c1-10)
MADE=$(post /v1/interviews "$KEY" '{
  "application": {"job_title": "Welder", "candidate": {
    "name": "Sam Sample", "email": "sam@example.com", "phone": "+12025550123",
    "sms_consent": {"given_at": "2026-01-05T10:00:00Z", "source": "application form"}}},
  "stage": "final", "start_at": "'"$DAY"'T00:00:00Z", "end_at": "'"$DAY"'T00:30:00Z"}')
APPLICATION=$(printf %s "$MADE" | field application_id)
REMINDER=$(printf %s "$MADE" | field next_reminder_at)

echo "# The clock moves to the next reminder, $REMINDER (two days, or more at night or on a Sunday); what is due is sent"
curl -sS "$CONSOLE/clock" -d '{"now": "'"$REMINDER"'"}'; echo
curl -sS -X POST "$CONSOLE/tick"; echo
curl -sS "$CONSOLE/outbox"; echo

echo "# The score, and who to call"
get /v1/risk
get /v1/call_list

echo "# The call that ends the wait, and the score after it"
post "/v1/applications/$APPLICATION/contacts" "$KEY" '{
  "channel": "call", "outcome": "reached", "decision": "rejected", "thanked": true}'; echo
get /v1/risk
)
