"""Teaching the line reader one person's hand: lines that the person wrote, and how they are learned.

In the order in which things happen: `written` gets pictures of lines out of photos, `line_sets` keeps them
with their texts in files, `varied` draws each of them anew, `others` makes lines by other hands, and `learn`
teaches.
"""
