"""The small part of torchvision that programs for PyTorch use: data sets, changes of images, grids of images.

datasets.py finds files that are there in torchvision's folders; transforms.py changes images, moves.py at
random, by the functions of images.py; pictures.py draws many images in one.
"""
