"""The command line, ``regledger``: one file per command.

``main`` holds the group and turns errors into exit codes; ``where`` finds the ledger that a
command is about, ``session`` opens it, ``embedded`` serves a folder inside this process; ``output``
and the ``*_screen`` files say what a person reads. Data goes to stdout; progress, warnings and
errors go to stderr.
"""
