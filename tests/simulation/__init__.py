"""A deterministic simulator of AWS below botocore. One seed replays one history exactly.

python -m tests.simulation --seeds 1000        runs many histories in two processes and prints counts
python -m tests.simulation --seed 42 --trace   runs one history and prints each call
python -m tests.simulation.planted             counts the seeds that it takes to catch each planted bug
"""
