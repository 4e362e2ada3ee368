"""The world below botocore: a table, a queue and two providers in memory, with the semantics that AWS documents.

It knows nothing of Heardback. `transport.py` puts it under the SDK's clients; `service.py` injects the faults of a history.
"""
