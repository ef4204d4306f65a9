"""The rooms inside the layers: imports run one way, and no room is a heap."""

import pytest

from tests.support.rooms import LAYERS, arrows, circles, modules, room_of

#: Each room imports only what stands to its right. Features are rooms of their own.
LINES = {
    "handlers": (
        *("", "process", "features", "features.*", "operator", "dispatch", "intake", "delivery"),
        *("bot_api", "dialogue", "shop", "words"),
    ),
    "kie": ("", "submission", "jobs", "files", "catalogue", "money", "api"),
    "supervisor": (
        "",
        "http",
        "health",
        "lock",
        "database",
        "settings",
        "telemetry",
        "runtime",
        "values",
    ),
}
MOST_MODULES = 13  #: about a dozen, beside the package's docstring and tables of sentences


def place(layer: str, room: str) -> int:
    line = LINES[layer]
    feature = room.startswith("features.")
    return line.index("features.*" if feature else room)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_room_stands_in_the_line(layer: str) -> None:
    rooms = {room_of(name, path) for name, path in modules(layer).items()}

    assert {room for room in rooms if not room.startswith("features.")} <= set(LINES[layer])


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_between_rooms_run_one_way(layer: str) -> None:
    back = [
        reason
        for here, others in arrows(layer).items()
        for there, reasons in others.items()
        if place(layer, here) >= place(layer, there)
        for reason in reasons
    ]

    assert back == []


@pytest.mark.parametrize("layer", LAYERS)
def test_no_rooms_import_each_other(layer: str) -> None:
    assert circles(layer) == []


def test_no_feature_imports_another_one() -> None:
    across = [
        reason
        for here, others in arrows("handlers").items()
        for there, reasons in others.items()
        if here.startswith("features.") and there.startswith("features")
        for reason in reasons
    ]

    assert across == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_room_holds_about_a_dozen_modules(layer: str) -> None:
    rooms: dict[str, list[str]] = {}
    for name, path in modules(layer).items():
        if path.name != "__init__.py" and not path.stem.startswith(("texts_", "shared_")):
            rooms.setdefault(path.parent.as_posix(), []).append(name)

    assert {room: found for room, found in rooms.items() if len(found) > MOST_MODULES} == {}
