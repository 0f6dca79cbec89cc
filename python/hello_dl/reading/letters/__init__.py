"""Letters cut out of a page of ink, in lines and words."""
