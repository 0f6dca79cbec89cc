"""The command `hello-dl`: main.py runs it, every subcommand is one file."""
