"""The transparency log's formats and proofs: RFC 6962 hashing and the C2SP texts around it.

Pure functions over bytes: nothing here stores, listens or asks the time. Each module names the
RFC section or C2SP document it follows, and reads strictly: a text has one spelling or is refused.
"""
