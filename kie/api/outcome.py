"""How a task can end: with a result, or with a reason why there is none."""

import enum
from dataclasses import dataclass


class Failure(enum.StrEnum):
    """Why a job ended without a result: what the user is told, not what kie.ai wrote."""

    REFUSED_CONTENT = "refused_content"  #: the model declined the prompt
    REFUSED_FILE = "refused_file"  #: a file of the user cannot be had any more
    OTHER_LENGTH = "other_length"  #: a file plays longer or shorter than its price assumes
    REFUSED_INPUT = "refused_input"  #: kie.ai did not accept the input
    UNAVAILABLE = "unavailable"  #: no credits, key refused, model withdrawn: the operator's matter
    BROKEN = "broken"  #: generation failed on their side
    NO_RESULT = "no_result"  #: reported as success without anything to show
    LOST = "lost"  #: kie.ai does not know the task any more
    TIMED_OUT = "timed_out"  #: no end within the deadline
    CANCELLED = "cancelled"  #: its user did not want it any more, before it was sent
    UNCLEAR = "unclear"  #: nobody knows whether kie.ai accepted it


@dataclass(frozen=True, slots=True)
class Song:
    """What is known of a sound file beside its bytes."""

    url: str
    title: str = ""
    performer: str = ""
    cover: str | None = None  #: a link to a picture
    seconds: float | None = None
    number: str | None = None  #: kie.ai's, by which another task goes on from it


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished task made: links to files, or a text."""

    urls: tuple[str, ...] = ()
    text: str | None = None
    songs: tuple[Song, ...] = ()  #: of those files that are songs, in the order of ``urls``
