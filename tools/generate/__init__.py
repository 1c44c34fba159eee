"""Writes the parts of the repository that follow from the tree, so that none is kept by hand.

`python -m tools.generate` writes, `--check` compares. A part is a whole file, or a region between
two marks, `>>> generated: NAME` and `<<< generated`, each in a comment of the file's own kind.
"""
