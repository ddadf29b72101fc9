"""The errors that this package raises.

::

    SoftspokenError                 a sentence that a person can read
    ├── ContentError                a data file is missing, unreadable or not valid
    ├── SettingsError               a setting can't be used
    ├── InputError                  what was sent can't be used (too long, wrong type)
    │   ├── MessageTooLong
    │   └── UnknownExercise
    ├── NotFound                    no such conversation for this person
    ├── StoreError                  the conversations can't be read or written
    ├── SearchIndexError            the index of principles can't be built or read
    ├── ScreenError                 a part of the crisis screen does not work
    ├── ModelError                  the chat model could not be reached or failed
    └── Busy                        a reply is already being written in this conversation

``str(error)`` is one plain sentence with what to do next; ``error.code`` is a stable word for
programs.
"""

from __future__ import annotations


class SoftspokenError(Exception):
    """The base of all errors of this package."""

    code = "error"


class ContentError(SoftspokenError):
    """A data file is missing, unreadable or not valid; names the file, the key and the value."""

    code = "content"


class SettingsError(SoftspokenError):
    """A setting can't be used."""

    code = "settings"


class InputError(SoftspokenError):
    """What was sent can't be used; nothing was changed."""

    code = "bad_input"


class MessageTooLong(InputError):
    """The message is longer than the limit."""

    code = "too_long"


class UnknownExercise(InputError):
    """No exercise has that name."""

    code = "unknown_exercise"


class NotFound(SoftspokenError):
    """There is no such conversation for this person."""

    code = "not_found"


class StoreError(SoftspokenError):
    """The conversations can't be read or written."""

    code = "store"


class SearchIndexError(SoftspokenError):
    """The index of principles can't be built or read."""

    code = "index"


class ScreenError(SoftspokenError):
    """A part of the crisis screen does not work."""

    code = "screen"


class ModelError(SoftspokenError):
    """The chat model could not be reached, or failed."""

    code = "model"


class Busy(SoftspokenError):
    """A reply is already being written in this conversation."""

    code = "busy"
