"""Total functions between bytes and the domain, in both directions, with strict parsing.

``envelopes``, ``statements`` and ``entries`` are byte-exact (DESIGN §4); ``facts`` and the files
beside it turn each message into its value and back; ``record``, ``groups`` and ``schema`` are the
file format of the record (FORMAT).
"""
