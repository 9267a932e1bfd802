"""The command line, ``regledger``: one file per command.

``main`` holds the group and turns errors into exit codes; ``where`` finds the ledger that a
command is about, ``session`` opens it, ``embedded`` serves a folder inside this process; ``output``
and the ``*_screen`` files say what a person reads. Data goes to stdout; progress, warnings and
errors go to stderr.
"""

from __future__ import annotations

import os

# gRPC writes notes about its own connections to stderr, between the lines that are meant for a
# person. It reads this when it is imported, which is after this package; a user's own wish stands.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
