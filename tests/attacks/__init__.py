"""Attacks, each a test that fails if its defense is removed.

| module | who attacks, and how |
| --- | --- |
| `test_receipts` | a server, or whoever carries a receipt: bits, proofs, indexes, sizes, origins |
| `test_notes` | whoever writes a note: forms that a loose parser would take |
| `test_tiles` | whoever serves tiles: bits, widths, and the sizes at their edges |
| `test_forks` | a log that keeps two histories, an old backup, a server that turns into another |
| `test_replays` | a server that hands out the log with entries dropped, added or moved |
| `test_withholding` | a server that leaves out what it need not prove |
| `test_answers` | a server that answers something else, or cites what is not there |
| `test_statements` | whoever appends: replays, weak and lying keys, wrong times, wrong places |
| `test_keys` | authors, delegates and administrators who sign more than they may |
| `test_attachments` | who puts, gives or keeps another document than the one signed for |
| `test_times` | who wants a statement to look older than it is, and a server that helps |
| `test_bit_flips` | whoever changes a bit in a database, or in a bundle |
| `test_quorum` | who has fewer witnesses than the policy asks for |
| `test_collusion` | the holder of the log's key, who signs a log that breaks the rules |

The server that lies is a real one with a wrapper around its replies (`malice`).
"""
