"""From a photo to the page of ink that is read: its sheet of paper found, made flat and turned upright."""
