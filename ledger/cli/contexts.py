"""Contexts: ledgers by name, in one file of the user's, so that commands need not repeat them.

The file also says which context is current. It holds nothing secret: tokens and keys are named by
the files that they lie in.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from ledger.domain.model import Frozen
from ledger.errors import NotFoundError, SettingError

CONTEXTS_FILE: Final = "contexts.json"
HEADS_FOLDER: Final = "heads"


class Context(Frozen):
    """Where one ledger is, and as whom one writes to it.

    ``ledger`` is a folder and ``server`` an address: one of the two is set.
    """

    ledger: str | None = None
    server: str | None = None
    pin: str | None = None
    policy: str | None = None
    tls_ca: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    token_file: str | None = None
    author: str | None = None
    key: str | None = None


class Contexts(Frozen):
    """All contexts, and the name of the current one."""

    current: str | None = None
    contexts: Mapping[str, Context] = {}

    def named(self, name: str) -> Context:
        """The context of this name.

        Raises:
            NotFoundError: There is none.
        """
        if name not in self.contexts:
            known = ", ".join(sorted(self.contexts)) or "none yet"
            raise NotFoundError(
                f"There is no context {name!r}; there are: {known}.",
                field="context",
                rule="context",
            )
        return self.contexts[name]

    def with_context(self, name: str, context: Context) -> Contexts:
        """These contexts with one more, or one replaced, which becomes the current one."""
        return Contexts(current=name, contexts={**self.contexts, name: context})

    def without(self, name: str) -> Contexts:
        """These contexts without one.

        Raises:
            NotFoundError: There is none of that name.
        """
        self.named(name)
        rest = {key: value for key, value in self.contexts.items() if key != name}
        return Contexts(current=None if self.current == name else self.current, contexts=rest)

    def using(self, name: str) -> Contexts:
        """These contexts with another current one.

        Raises:
            NotFoundError: There is none of that name.
        """
        self.named(name)
        return Contexts(current=name, contexts=self.contexts)


def load_contexts(folder: Path) -> Contexts:
    """Read the contexts; none where there is no file yet.

    Raises:
        SettingError: The file cannot be read, or is not one of ours.
    """
    path = folder / CONTEXTS_FILE
    try:
        return Contexts.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Contexts()
    except (OSError, ValidationError) as error:
        raise SettingError(
            f"The file of contexts {path} cannot be read; mend or remove it.",
            field="context",
            rule="context-file",
        ) from error


def save_contexts(folder: Path, contexts: Contexts) -> None:
    """Write the contexts in one step.

    Raises:
        SettingError: The file cannot be written.
    """
    body: dict[str, Any] = contexts.model_dump(exclude_none=True)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as draft:
            json.dump(body, draft, indent=2, ensure_ascii=False)
            draft.write("\n")
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(folder / CONTEXTS_FILE)
    except OSError as error:
        raise SettingError(
            f"The contexts cannot be written to {folder}: {error.strerror}.",
            field="context",
            rule="context-file",
        ) from error
