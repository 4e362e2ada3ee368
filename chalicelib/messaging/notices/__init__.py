"""Holding notices: an employer tells candidates who wait "no decision yet; you will hear by <day>".

`request.py` takes the request and creates the message. `dispatch.py` plans it when it is due, and logs the contact once it was
sent: only then does the promise start. `by_mail.py` sends a mail where the text failed later.
"""
