"""Sends messages: `delivery.py` plans (`nudges`, `digest`, `notices`), claims, asks the gate, sends and settles.

What comes back is taken by `delivery_events.py` (mail) and `inbound_sms.py` (texts). What a user asked for goes by `send_now.py`.
"""
