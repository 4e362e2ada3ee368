"""The sending wing: finds what is due, claims it, hands it to SNS or SES at most once, and writes down what became of it.

tick.py (every minute) -> queue.py -> deliver.py: nudges.py and digest.py plan (plans.py), claims.py does it, channels.py sends.
"""
