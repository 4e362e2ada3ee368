"""`python -m infra.local`: the same app.py on one machine, with engines, pumps, a clock that can be moved, and a console."""
