"""Why a source can't be read. Each fact has a stable code; the message says what to do about it.

FileNotReadable                  the file, or what another system answered, is no table that we read
├── NothingThere                 empty, or no sheet, record or row in it
├── NotATable                    a picture, a document, a program, text without columns
├── LiesAboutType                what stands in it is not what it begins as: cut off, damaged
├── Encrypted                    opens with a password only
├── HasMacros                    a workbook that carries programs
├── DangerousXml                 entities or a DTD
├── Bomb                         unpacks to far more than it is
├── TooLarge                     bytes, rows, cells, nesting
├── TooManyColumns
├── LineTooLong
├── NulBytes
├── EncodingUnknown
├── NameNotAllowed               a name that leads out of a folder
├── NoSpace                      the disk is full; nothing was written
└── TookTooLong
SourceNotReached                 a database or an HTTP system that does not answer, or refuses
"""

from __future__ import annotations


class FileNotReadable(Exception):
    """The file is no table that can be read."""

    code = "file_not_readable"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        """`line`: where in the file, when one line is to blame."""
        self.line = line
        super().__init__(message)


class NothingThere(FileNotReadable):
    """There is nothing in it."""

    code = "nothing_there"


class NotATable(FileNotReadable):
    """It is something else than a table."""

    code = "not_a_table"


class LiesAboutType(FileNotReadable):
    """It begins like a file of some type and does not go on like one."""

    code = "lies_about_type"


class Encrypted(FileNotReadable):
    """It opens with a password only."""

    code = "encrypted"


class HasMacros(FileNotReadable):
    """It carries programs."""

    code = "macros"


class DangerousXml(FileNotReadable):
    """Its XML defines entities or names a DTD."""

    code = "xml_entities"


class Bomb(FileNotReadable):
    """It unpacks to far more than it is."""

    code = "zip_bomb"


class TooLarge(FileNotReadable):
    """More than we take."""

    code = "too_large"


class TooManyColumns(FileNotReadable):
    """More columns than we take."""

    code = "too_many_columns"


class LineTooLong(FileNotReadable):
    """A line or a value is longer than we take."""

    code = "line_too_long"


class NulBytes(FileNotReadable):
    """Text never holds NUL bytes."""

    code = "nul_bytes"


class EncodingUnknown(FileNotReadable):
    """The text is in no encoding that we read."""

    code = "encoding_unknown"


class NameNotAllowed(FileNotReadable):
    """Its name leads out of a folder, or is none."""

    code = "name_not_allowed"


class NoSpace(FileNotReadable):
    """The disk is full."""

    code = "no_space"


class TookTooLong(FileNotReadable):
    """Reading it took more time than we give."""

    code = "took_too_long"


class SourceNotReached(Exception):
    """The other system does not answer, or refuses; the message holds no secret."""

    code = "source_not_reached"
