"""From a homework in the bank to everything that a student gets."""
