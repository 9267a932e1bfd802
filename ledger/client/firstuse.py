"""Trust on first use: where nobody handed out a pin, and a user wishes to go on all the same."""

from __future__ import annotations

from ledger.client.calls import Calls
from ledger.client.pins import Pin, pin_from_founding
from ledger.client.transport import Transport


async def first_pin(transport: Transport) -> Pin:
    """Take the pin from the server itself, by a user's explicit wish.

    Args:
        transport: The way to the server, which is closed at the end.

    Raises:
        VerificationError: What the server shows does not even hold by itself.
        UnavailableError: Nobody answers.
    """
    calls = Calls(transport)
    try:
        return pin_from_founding(await calls.receipt(0))
    finally:
        await calls.close()
