"""Signatures and keys of authors: what is signed, who may have signed it, and how keys are kept.

Nothing here knows who may sign what: that is the record's business. A key is accepted only in
its one canonical form, and a signature only if every strict verifier would accept it.
"""
