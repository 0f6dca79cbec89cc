"""What a tensor can do in Python: creation, shapes, reductions, indexing, changes in place, printing."""
