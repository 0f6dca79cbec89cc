"""Runs the command `hello-dl` as `python -m hello_dl`."""

from hello_dl.cli import main

if __name__ == "__main__":
    main()
