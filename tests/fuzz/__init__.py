"""Mutates valid files, and sees whether every reader of outside data takes them or refuses them in words.

    python -m tests.fuzz --seconds 3600

`readers.py` names the readers and makes a small valid file for each, `mutate.py` damages it, `child.py` reads
what comes of it in a process of its own, with limits of time and memory, and `run.py` counts and reports.
"""
