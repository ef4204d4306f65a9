"""Models that go on from what an earlier job has made."""

from collections.abc import Mapping
from typing import Any

import pytest

from kie.catalogue.catalogue import Catalogue
from kie.catalogue.follow import Earlier, sources
from supervisor.runtime.errors import Misconfigured
from tests.support.shipped import shipped

SHARED = "markup: 2\nfiles: {}\ntitles: {prompt: {ru: В, en: C}}\nvalues: {}\n"
CLIPS = """
models:
  - id: clip
    kind: video
    title: {ru: А, en: A}
    about: {ru: Б, en: B}
    cost: {credits: 1}
    expected_seconds: 15
    inputs:
      - {name: prompt, type: text, required: true, max_length: 10}
      - {name: size, type: choice, required: true, choices: [S, L], title: {ru: Г, en: D}}
  - id: longer
    kind: video
    title: {ru: А, en: A}
    about: {ru: Б, en: B}
    cost: {credits: 1}
    expected_seconds: 15
    follows: [{model: clip, when: {size: S}}]
    inputs:
      - {name: taskId, type: source, takes: task}
"""


def complaint(old: str, new: str) -> str:
    assert old in CLIPS
    with pytest.raises(Misconfigured) as caught:
        Catalogue.parse({"shared.yaml": SHARED, "video.yaml": CLIPS.replace(old, new)})
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{model: clip, when", "{model: gone, when", "follows gone, which is not listed"),
        ("size: S}}]", "size: M}}]", "whose size is never 'M'"),
        ("size: S}}]", "sound: S}}]", "whose sound is never 'S'"),
        ("takes: task", "takes: tasks", "expected one of task, song, input"),
        ("follows: [{model: clip, when: {size: S}}]", "follows: []", "belongs together"),
        ("follows: [{model: clip, when: {size: S}}]", "follows: [clip]", "expected a mapping"),
        ("type: source, takes: task", "type: fixed, value: t", "belongs together"),
    ],
)
def test_a_follower_that_cannot_follow_refuses_the_start(old: str, new: str, told: str) -> None:
    assert told in complaint(old, new)


def test_a_follower_goes_on_from_the_jobs_that_its_block_names() -> None:
    catalogue = Catalogue.parse({"shared.yaml": SHARED, "video.yaml": CLIPS})
    longer = catalogue.model("longer")
    assert longer is not None
    (follow,) = longer.follows

    assert follow.fits("clip", {"prompt": "x", "size": "S"})
    assert not follow.fits("clip", {"prompt": "x", "size": "L"})
    assert not follow.fits("clip", {})
    assert not follow.fits("longer", {"size": "S"})
    assert longer.check({"taskId": "t"}) == []
    assert [each.key for each in longer.check({})] == ["missing"]
    assert [each.key for each in longer.check({"taskId": ""})] == ["no_source"]


SHIPPED = shipped()
SONG = Earlier("suno/song", {"prompt": "a fox", "model": "V5"}, "task-1", ("song-1", "song-2"))
CLIP = Earlier("veo/text-to-video", {"prompt": "a fox"}, "task-2")


@pytest.mark.parametrize(
    ("model_id", "earlier", "part", "expected"),
    [
        ("veo/extend", CLIP, 0, {"taskId": "task-2"}),
        ("veo/4k", CLIP, 0, {"taskId": "task-2"}),
        ("suno/extend", SONG, 0, {"audioId": "song-1", "model": "V5"}),
        ("suno/extend", SONG, 1, {"audioId": "song-2", "model": "V5"}),
        ("suno/extend", SONG, 2, None),
        ("suno/extend", SONG, -1, None),
        ("suno/extend", CLIP, 0, None),
    ],
)
def test_what_is_taken_from_the_earlier_job(
    model_id: str, earlier: Earlier, part: int, expected: Mapping[str, Any] | None
) -> None:
    model = SHIPPED.model(model_id)
    assert model is not None
    assert sources(model.inputs, earlier, part) == expected
