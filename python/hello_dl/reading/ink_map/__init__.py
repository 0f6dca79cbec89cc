"""How much of each pixel is ink."""
