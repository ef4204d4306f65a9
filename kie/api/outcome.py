"""The end of a task: a result, or the reason for its failure."""

import enum
from dataclasses import dataclass


class Failure(enum.StrEnum):
    """Why a job ended without a result. It decides what the user is told."""

    REFUSED_CONTENT = "refused_content"  #: the model refused the prompt
    REFUSED_FILE = "refused_file"  #: a file of the user cannot be fetched any more
    OTHER_LENGTH = "other_length"  #: a file plays longer or shorter than its price assumes
    NO_PICTURE = "no_picture"  #: a file of an unknown type is no picture
    REFUSED_INPUT = "refused_input"  #: kie.ai did not accept the input
    UNAVAILABLE = "unavailable"  #: no credits, key refused, model withdrawn; operators must act
    BROKEN = "broken"  #: the generation failed at kie.ai
    NO_RESULT = "no_result"  #: reported as success, but without a result
    LOST = "lost"  #: kie.ai does not know the task any more
    TIMED_OUT = "timed_out"  #: the task did not end before its deadline
    CANCELLED = "cancelled"  #: the user cancelled the job before it was sent
    UNCLEAR = "unclear"  #: it is unknown whether kie.ai accepted the job


@dataclass(frozen=True, slots=True)
class Song:
    """What is known about a sound file."""

    url: str
    title: str = ""
    performer: str = ""
    cover: str | None = None  #: a link to a picture
    seconds: float | None = None
    number: str | None = None  #: kie.ai's id of the song; a task that extends the song needs it


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a task: links to files, or a text."""

    urls: tuple[str, ...] = ()
    text: str | None = None
    songs: tuple[Song, ...] = ()  #: those of the files that are songs, in the order of ``urls``
