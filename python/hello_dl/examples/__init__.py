"""A runnable script for each chapter of Hello Deep Learning; try `python -m hello_dl.examples.letters`."""
