"""The subcommands of `hello-dl`, one file each."""
