"""Reads a whole line of handwriting at once, joined or not: convolutions, recurrent layers, CTC.

`network` makes log probabilities of signs from a line's picture, `best_path` and `beam` make text of these;
`alphabet` lists the signs.
"""
