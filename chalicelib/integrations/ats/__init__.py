"""Events of applicant tracking systems (ATS) become applications, interviews and decisions.

The path of one event:

1. `routes.post_event` takes the request.
2. `receive.receive` verifies the signature, drops a duplicate, and stores the event in one write. The queue does the rest.
3. `process_event.process_event` loads the stored event, and asks the system's API where an event proves or tells too little.
4. The system's own module (`greenhouse`, `ashby`, `lever`, `workable`, `teamtailor`) reads the payload into facts.
5. `ats_state.merge_facts` merges the facts (`merge`, pure) into what is known of each application. `identity_links` does the same
   for what is said of a candidate or an interview alone.
6. `reconcile.reconcile` brings our application in line with the merged state, through the services that the API uses too.

Order and repetition of events do not matter: merging is commutative, associative and idempotent.

Beside that path: `connections` (set up by the employer), `event_index` (list and replay events), `preview` (try a payload),
`polls` (ask Greenhouse once an hour), `erasure` (remove an erased person), and the tools `payload`, `signatures`, `http_client`
and `credentials`.
"""
