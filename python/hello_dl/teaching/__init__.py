"""Teaching a network one person's hand (chapter 8, and what the series leaves to the reader).

`form` is the sheet that is filled in, with the `code` on it. `scan` reads a photo of it: `marks` finds it,
`flatten` straightens it, `boxes` cuts out what was written. `correct` gets letters from a corrected reading
instead. `letters` keeps them, `learn` teaches them. `virtual` fills in sheets by itself, for tests and
benchmarks.
"""
