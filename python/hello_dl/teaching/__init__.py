"""Teaches a network one person's hand (Hello Deep Learning, chapter 8, and what it leaves to the reader).

In the order in which things happen: `sheet/form` draws the sheet that is filled in, with the `code` on it.
`sheet/scan` reads a photo of it: `marks` finds its corners, `flatten` straightens it, `boxes` cuts out what
was written. Or `correct` gets letters from a reading that the user has corrected. `letter_sets` keeps them in
files, `learn` teaches them. `lines/` does the same with whole lines.
"""
