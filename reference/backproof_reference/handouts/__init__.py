"""Derivations for people to read: as text, LaTeX and MathML, one page for each."""
