"""The sheet of paper in a photo, and the straightened page that is read."""
