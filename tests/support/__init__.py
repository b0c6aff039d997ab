"""What several test folders share. Knows the product from outside only."""
