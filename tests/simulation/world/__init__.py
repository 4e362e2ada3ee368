"""The world below botocore: a table, a queue and two providers in memory, with the semantics that AWS documents.

Nothing here knows Heardback. `wire.py` puts it under the SDK's clients; the faults of a history are injected there.
"""
