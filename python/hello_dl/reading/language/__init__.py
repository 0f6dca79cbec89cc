"""What makes a letter likely besides its looks: its place on the line, and its neighbours."""
