"""The printed form: drawn, and read again from a photo."""
