"""Partition keys of the one table, and which sort keys each partition holds."""

from __future__ import annotations

from chalicelib.storage.ids import tail


def employer_pk(employer_id: str) -> str:
    """SK "EMP" the employer, "KEY#..." its keys, "HOOK#..." its webhook endpoints, "PROFILE#...", "UNLINK"."""
    return f"EMP#{employer_id}"


def candidate_pk(employer_id: str, candidate_id: str) -> str:
    """SK "CAND" the person, "JOB#<hash>" the latest application for a job title, "ERASURE" once the person is erased."""
    return f"EMP#{employer_id}#CAND#{candidate_id}"


def case_pk(employer_id: str, any_case_id: str) -> str:
    """SK "APP", "INT#..", "CON#..", "STA#..", "WAIT#<cause>", "MSG#..", "REPLY#.."; "KEEP", "DUTY", "WATCH", "LINKED", "STUB"."""
    return f"EMP#{employer_id}#CASE#{tail(any_case_id)}"


def match_pk(employer_id: str, digest: str) -> str:
    """SK "MATCH": a unique key (external id, email, phone with name) that leads to a record."""
    return f"EMP#{employer_id}#MATCH#{digest}"


def names_pk(employer_id: str, bucket: int) -> str:
    """SK "NAME#<word>#<candidate id>": candidates by the words of their names, in buckets by a word's first letter."""
    return f"EMP#{employer_id}#NAMES#{bucket}"


def untold_pk(employer_id: str) -> str:
    """SK "UNTOLD#<application id>": open waits of candidates who are rejected and were not told."""
    return f"EMP#{employer_id}#UNTOLD"


def disputes_pk(employer_id: str) -> str:
    """SK "DISP#<application id>": open waits whose contact the candidate disputes."""
    return f"EMP#{employer_id}#DISPUTES"


def feedback_pk(employer_id: str) -> str:
    """SK "FEEDBACK#<application id>": candidates who asked why, and have no answer yet."""
    return f"EMP#{employer_id}#FEEDBACK"


def experience_pk(employer_id: str) -> str:
    """SK "EXP#<application id>": how candidates who had heard found it."""
    return f"EMP#{employer_id}#EXPERIENCE"


def tally_pk(employer_id: str, group: str | None = None) -> str:
    """SK "yyyy-mm-dd", a UTC date of `word_due_at`. A group, by its key, has a tally of its own beside the employer's."""
    return f"EMP#{employer_id}#TALLY" + (f"#G#{group}" if group else "")


def risk_pk(employer_id: str, group: str | None = None) -> str:
    """SK "DAY#yyyy-mm-dd": daily snapshots of the score, of the employer or of one of its groups, by its key."""
    return f"EMP#{employer_id}#RISK" + (f"#G#{group}" if group else "")


def waiting_key(employer_id: str, stage: str, reachable: bool, group: str | None = None) -> str:
    """Returns the hash key of the waiting index: open waits of a stage, reachable or not, of all or of one group, by its key."""
    return f"{employer_id}#{f'G#{group}#' if group else ''}{stage}#{'r' if reachable else 'u'}"


def answered_key(employer_id: str, part: str) -> str:
    """Returns the hash key of the waiting index under which answered waits stay: told on time, late, or "not yet"."""
    return f"{employer_id}#A#{part}"


def digest_pk(employer_id: str) -> str:
    """SK "DIGEST" the digest's state, "MSG#..." its messages."""
    return f"EMP#{employer_id}#DIGEST"


def list_key(employer_id: str, kind: str) -> str:
    """Returns the hash key of the listing index: a kind of item (APP, CAND, INT) of one employer, or "operator#EMP"."""
    return f"{employer_id}#{kind}"
