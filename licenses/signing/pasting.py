"""Documents as people paste them: wrapped by a mail program, or with the file's frame around."""

import re

_FRAME = re.compile(r"-----(?:BEGIN|END) [A-Z ]{1,40}-----")
_BLANK = re.compile(r"[\s\ufeff]+")


def pasted(text: str) -> str:
    """
    Return the document in a pasted text, without frame, line ends, spaces and byte order marks.

    For doors where people paste; the reader itself takes one text only. Nothing is repaired that
    could mean something: what else is wrong with the text, the reader refuses.
    """
    return _BLANK.sub("", _FRAME.sub("", text))
