"""Programs for each chapter of Hello Deep Learning, such as `python -m hello_dl.examples.letters`."""
