"""Errors a person is meant to read.

Everything raised on purpose derives from :class:`MediaflowError`. Its text is one clear sentence
that names the file or setting, says what is wrong, and says what to do. Programming errors keep
their own types and their tracebacks.
"""

import re

_ERRNO = re.compile(r"\[Errno -?\d+\] ?")
_QUOTED_PATH = re.compile(r"(?:: )?'(?:/[^'/]+)+/([^'/]+)'")


def plain(text: str) -> str:
    """What a library said, without its numbers and without the folder of the file that it names."""
    return _QUOTED_PATH.sub("", _ERRNO.sub("", text))


class MediaflowError(Exception):
    """Base of every error that has an explanation instead of a traceback.

    Args:
        subject: what the sentence is about: a file, a setting, a project, a URL without secrets.
        problem: what is wrong with it.
        remedy: what the reader can do about it.
    """

    def __init__(self, subject: object, problem: str, remedy: str = "") -> None:
        self.subject = str(subject)
        self.problem = plain(problem).strip().rstrip(".")
        self.remedy = remedy.strip().rstrip(".")
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """``subject: problem. Remedy.``"""
        text = f"{self.subject}: {self.problem}."
        return f"{text} {self.remedy}." if self.remedy else text

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions travel between worker processes; the default pickling would pass the
        # finished sentence as the subject.
        return type(self), (self.subject, self.problem, self.remedy)


class BadInput(MediaflowError):
    """A file or value from outside cannot be used; trying again without changing it is pointless."""


class Unavailable(MediaflowError):
    """Something this needs is missing on this machine: a model, a library, a device, free space."""


class Interrupted(MediaflowError):
    """An outside service or a child process failed; the same call may succeed later."""
