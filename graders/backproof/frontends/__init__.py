"""Ways to start a grading: the command line, pytest, a notebook cell, nbgrader."""
