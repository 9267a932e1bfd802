"""The store: one ordered, signed sequence of entries in a database, written and followed.

What a statement meets on its way, module by module:

* ``preparing``    parse strictly, verify every signature; needs no lock
* ``appender``     the queue and the one writer thread
* ``committing``   one round: ordering lock, catch up, decide, insert, COMMIT, receipts
* ``drafting``     the decisions of a round, on ``tip`` (keys, tree) and ``streams`` (aggregates)
* ``recorder``     the seam to a database; ``sqlite`` is behind it
* ``head``         the last released tree head, outside the database
* ``reader``       entries, checkpoints, proofs and receipts, never through the writer
* ``follower``     entries in order into read models

The event store is the library ``eventsourcing``; ``sqlite``, ``mapper`` and ``streams`` say which
parts of it are used, which are replaced, and why.
"""
