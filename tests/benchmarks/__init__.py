"""How fast and how large Deskhand is: figures to report, never asserted. A module for each figure."""
