"""The kinds of runs: the request, the stages and the result of each."""
