"""Tools of the workspace, run from its root as `python -m tools.NAME`."""
