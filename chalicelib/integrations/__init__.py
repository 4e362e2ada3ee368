"""Other systems: events of an applicant tracking system come in, so that no recruiter types an interview twice.

routes.py (the public door) -> receive.py verifies, deduplicates and stores in one write -> the due index -> work.py asks back
where it must (asking.py), reads the event by its system's own small file, merges what it says (facts.py), and brings the
application in line (apply.py). Files come in by imports/.
"""
