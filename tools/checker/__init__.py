"""The workspace checker: the rules W01 to W12 that keep dozens of distributions alike.

`python -m tools.checker [W05 ...]` runs them. Each rule is one function that looks at a workspace
and says what it found; a rule that found nothing to look at fails too, because a check that checks
nothing is how a rule dies. A message names what is wrong and what to do about it.
"""
