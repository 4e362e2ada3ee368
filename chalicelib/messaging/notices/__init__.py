"""Holding notices: an employer tells those who wait "no decision yet; you will hear by <day>", one or many with one call.

asking.py takes the call and bears the message; sending.py plans it when it is due, and logs the contact once it was sent:
only then does the promise's clock start.
"""
