"""A deterministic simulator of everything below botocore. One seed replays one history exactly.

python -m tests.simulation --seeds 1000        many histories, two processes; counts
python -m tests.simulation --seed 42 --trace   one, call by call
python -m tests.simulation.planted             bugs put in on purpose, and how many seeds catch each
"""
