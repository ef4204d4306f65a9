"""What is known of kie.ai, Telegram and Render, from ``tests/data``."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).resolve().parents[2] / "data"


@cache
def kie_models() -> dict[str, dict[str, Any]]:
    """Model to ``kind``, ``current``, ``price`` and ``inputs``, the forms of its input."""
    return _read("kie_models.yaml")


@cache
def bot_api() -> dict[str, dict[str, dict[str, list[str]]]]:
    """``methods`` and ``types`` to their ``required`` and ``optional`` parts."""
    return _read("bot_api.yaml")


def render_blueprint() -> dict[str, Any]:
    """The JSON schema of render.yaml."""
    text = (_FOLDER / "render_blueprint.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _read(file: str) -> dict[str, Any]:
    text = (_FOLDER / file).read_text(encoding="utf-8")
    return dict(yaml.load(text, yaml.CSafeLoader))
