"""From a page of ink to its letters, in lines and words, and to their glyphs."""
