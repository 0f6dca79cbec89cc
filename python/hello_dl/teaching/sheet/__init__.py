"""The printed sheet with boxes to write in: drawn, and read again from a photo."""
