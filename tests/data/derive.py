"""Derives the data files of this folder from the documents that README.md names.

    python tests/data/derive.py FOLDER

FOLDER holds the documents, at any depth. Only bare facts are taken over: names, types, what is
required, limits, prices and enumerations.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
#: What is taken over of a field of a model's input, and of a price.
FIELD = {
    *("type", "required", "items", "enum", "min", "max"),
    *("min_length", "max_length", "min_items", "max_items"),
}
PRICE = {"unit", "credits", "tiers", "extra_per_input_image"}
#: Keys of a JSON schema that explain and do not constrain.
PROSE = {"description", "title", "examples", "markdownDescription", "$id", "$comment", "x-lintel"}


def kie_models(text: str) -> Iterator[str]:
    yield "# Market models of kie.ai. Each entry of ``inputs`` is one form of the input.\n"
    for model in yaml.load(text, yaml.CSafeLoader)["models"]:
        yield f"{model['id']}:\n  kind: {model['kind']}\n"
        yield f"  current: {in_a_line(model['status'] == 'current')}\n"
        if model["price"]:
            yield f"  price: {in_a_line(only(PRICE, model['price']))}\n"
        forms = [each["input"] for each in model.get("input_alternatives", [])]
        forms = forms or ([model["input"]] if "input" in model else [])
        yield "  inputs:\n" if forms else ""
        for form in forms:
            for number, (name, field) in enumerate(form.items()):
                mark = " " if number else "-"
                yield f"  {mark} {name}: {in_a_line(only(FIELD, field))}\n"


def only(keys: set[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key in keys}


def bot_api(text: str) -> Iterator[str]:
    raw = json.loads(text)
    yield "# Parameters of the methods and fields of the types of Telegram's Bot API.\n"
    yield f"version: {in_a_line(raw['api']['version'])}\n"
    for category in ("methods", "types"):
        yield f"{category}:\n"
        for section in raw["items"]:
            for each in section["children"]:
                if each.get("category") == category:
                    yield f"  {each['name']}:\n"
                    for key, needed in (("required", True), ("optional", False)):
                        parts = [part["name"] for part in each["annotations"]
                                 if part["required"] is needed]  # fmt: skip
                        yield f"    {key}: {in_a_line(parts)}\n"


def in_a_line(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def render_blueprint(text: str) -> Iterator[str]:
    yield json.dumps(without_prose(json.loads(text)), indent=1) + "\n"


def without_prose(schema: Any) -> Any:
    match schema:
        case {"properties": dict(properties), **rest}:
            # A property may have the name of a keyword.
            kept = {name: without_prose(each) for name, each in properties.items()}
            return {**without_prose(rest), "properties": kept}
        case dict():
            return {key: without_prose(each) for key, each in schema.items() if key not in PROSE}
        case list():
            return [without_prose(each) for each in schema]
        case _:
            return schema


#: Data file, the document it is derived from, and how.
DERIVED = (
    ("kie_models.yaml", "kie-models.yaml", kie_models),
    ("bot_api.yaml", "telegram-bot-api-10.3.json", bot_api),
    ("render_blueprint.schema.json", "render-blueprint.schema.json", render_blueprint),
)


def main() -> None:
    for name, origin, derive in DERIVED:
        (document,) = Path(sys.argv[1]).rglob(origin)
        text = "".join(derive(document.read_text(encoding="utf-8")))
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
