"""Pictures as arrays: loading files, filters, connected components, thresholds, homographies."""
