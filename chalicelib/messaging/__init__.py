"""Sends messages: `delivery.py` plans (`nudges`, `digest`, `notices`), claims, asks the gate, sends and settles.

What comes back is taken by `delivery_events.py` (mail) and `inbound_sms.py` (texts), with `employer_choice.py` and
`pending_texts.py` where several employers may be meant. What a user asked for goes by `send_now.py`.
"""
