"""PDF documents: their pages as pictures, and pages with what was read in them as text that cannot be seen.

`pages` makes pictures of a document's pages (pypdfium2). `searchable` makes a document again (pikepdf): each
page as it was, or made of a `picture`, and over it the `text_layer` in the `empty_font`, which has no shapes.
Both libraries come with the extra `pdf`.
"""
