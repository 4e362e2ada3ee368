"""Which of the rules about shared people the checker demands.

A rule is listed here before the code keeps it, and is demanded from the change on that brings it. `SIMULATED_RULES=all`, or some
of the names separated by commas, demands more of them in a trial.
"""

from __future__ import annotations

import os

REPLIES = "replies"
"""A reply goes to the employer that texted last; where several did within a week, to nobody before the person chose one."""
OPT_OUTS = "opt_outs"
"""STOP ends texts to its number and messages of applications texted at it; START undoes that; a link ends mail to its address."""
ONE_AUTOMATIC_REPLY = "one_automatic_reply"
"""A number gets one automatic reply a day, and none before it was texted."""
OWN_MESSAGE = "own_message"
"""Each employer may send one message a week to a person, whatever others sent."""
LIMITS = "limits"
"""The operator's limits: texts and mails a day."""
FAIRNESS = "fairness"
"""The slow endpoint of one employer delays no message of another."""

ALL = frozenset({REPLIES, OPT_OUTS, ONE_AUTOMATIC_REPLY, OWN_MESSAGE, LIMITS, FAIRNESS})
KEPT: frozenset[str] = frozenset({REPLIES, OPT_OUTS, ONE_AUTOMATIC_REPLY, OWN_MESSAGE, LIMITS, FAIRNESS})
"""Rules that the code keeps."""


def _demanded() -> frozenset[str]:
    tried = os.environ.get("SIMULATED_RULES", "")
    return KEPT | (ALL if tried == "all" else ALL & set(tried.split(",")))


DEMANDED = _demanded()
