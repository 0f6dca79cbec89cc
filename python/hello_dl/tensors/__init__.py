"""What a tensor can do on the Python side: making, shapes, reductions, indexing, printing, random numbers."""
