"""Letters: an employer tells a rejection in writing, to one candidate or to a hundred.

`request.py` takes the request and creates one message for each candidate. `dispatch.py` plans a message that is due. Once it was
sent it is logged as a contact, like a holding notice (`notices/dispatch.py`).
"""
