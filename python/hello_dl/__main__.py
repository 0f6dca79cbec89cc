"""Runs the command `hello-dl` as `python -m hello_dl`."""

from hello_dl.commands.main import main

if __name__ == "__main__":
    main()
