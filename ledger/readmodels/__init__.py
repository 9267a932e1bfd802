"""Read models: what followers build from entries, each in a file of its own.

Every row keeps the index it came from, so that a question at an older tree size is a filter and
never a replay.
"""
