"""The JSON Schemas of cell files and recipes, for editors.

`cell.json` and `recipe.json` beside this module are what `cell_schema` and `recipe_schema` return.
An editor finds one by a file's first line: `# yaml-language-server: $schema=../robocell/schema/cell.json`. It helps to
write a file; whether the file is right, `robocell check` says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from robocell.catalog.catalogue import Catalogue
from robocell.model.cell import Cell
from robocell.model.fault import ACTIONS, ActionBase
from robocell.model.recipe import Recipe
from robocell.model.verbs import VERB_TABLE

__all__ = ["FILE", "RECIPE_FILE", "cell_schema", "cell_schema_text", "recipe_schema", "recipe_schema_text"]

Schema = dict[str, Any]

FILE = Path(__file__).with_name("cell.json")
"""The schema of cell files as it is shipped."""
RECIPE_FILE = Path(__file__).with_name("recipe.json")
"""The schema of recipes as it is shipped."""


def cell_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of cell files.

    It follows from the model; what a file writes otherwise than the model has it is put right here: a device's kind
    follows from its profile, an action may be a word, a step's name may stand among its arguments.
    """
    schema: Schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= Cell.model_json_schema(by_alias=True)
    schema["title"] = "robocell cell file"
    definitions: Schema = schema["$defs"]
    _devices(schema, definitions)
    _names_of_steps(definitions)
    _actions(definitions)
    _limits(definitions)
    tidy: Schema = _without_defaults(schema)
    return tidy


def cell_schema_text() -> str:
    """Return the schema as the text of `cell.json`."""
    return json.dumps(cell_schema(), indent=1, ensure_ascii=False) + "\n"


def recipe_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of recipes; see `cell_schema`."""
    schema: Schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= Recipe.model_json_schema(by_alias=True)
    schema["title"] = "robocell recipe"
    definitions: Schema = schema["$defs"]
    for step in [definition for title, definition in definitions.items() if title.endswith("Step")]:
        tool = next(key for key in step["properties"] if key != "name")
        for arguments in _models_of(step["properties"][tool], definitions):
            arguments["properties"]["name"] = step["properties"]["name"]
    _limits(definitions)
    tidy: Schema = _without_defaults(schema)
    return tidy


def recipe_schema_text() -> str:
    """Return the schema as the text of `recipe.json`."""
    return json.dumps(recipe_schema(), indent=1, ensure_ascii=False) + "\n"


# limits that a file may write in one word
_TEXT_FORMS: dict[str, Schema] = {
    "Limits": {"type": "string", "pattern": r"^.*\S\s*(±|\+/?-)\s*\S.*$", "description": "Such as 60 mm ± 0.2 mm"},
    "AngleLimits": {"type": "string", "pattern": r"^.*\S\s*(±|\+/?-)\s*\S.*$", "description": "Such as 90 deg ± 1 deg"},
    "CountLimits": {"type": "integer", "minimum": 0, "description": "Exactly so many"},
}


def _limits(definitions: Schema) -> None:
    for title in sorted(_TEXT_FORMS.keys() & definitions.keys()):
        definitions[title] = {"title": title, "anyOf": [_TEXT_FORMS[title], definitions[title]]}


def _models_of(node: Schema, definitions: Schema) -> list[Schema]:
    """Return the definitions that a node refers to, by itself or as a union."""
    references = [node, *node.get("oneOf", ()), *node.get("anyOf", ())]
    return [definitions[entry["$ref"].rpartition("/")[2]] for entry in references if "$ref" in entry]


def _devices(schema: Schema, definitions: Schema) -> None:
    """A file writes no kind: the profile says which keys a device has."""
    names = list(schema["properties"]["devices"]["patternProperties"])
    union = schema["properties"]["devices"]["patternProperties"][names[0]]
    kinds: dict[str, str] = {}
    for member in union["oneOf"]:
        title = member["$ref"].rpartition("/")[2]
        kind = definitions[title]["properties"].pop("kind")
        definitions[title]["required"].remove("kind")
        kinds[kind["const"]] = title
    catalogue = Catalogue.shipped()
    by_kind: dict[str, list[str]] = {}
    for name in catalogue.names():
        by_kind.setdefault(catalogue.profile(name).kind, []).append(name)
    schema["properties"]["devices"]["patternProperties"][names[0]] = {
        "type": "object",
        "properties": {"profile": {"anyOf": [{"enum": list(catalogue.names())}, {"type": "string"}]}},
        "anyOf": union["oneOf"],
        "allOf": [
            {
                "if": {"properties": {"profile": {"enum": profiles}}, "required": ["profile"]},
                "then": {"$ref": f"#/$defs/{kinds[kind]}"},
            }
            for kind, profiles in sorted(by_kind.items())
        ],
    }


def _names_of_steps(definitions: Schema) -> None:
    for spec in VERB_TABLE.values():
        step = next(d for d in definitions.values() if spec.verb in d.get("required", ()) and "when" in d["properties"])
        arguments = definitions[spec.arguments.__name__]
        arguments["properties"]["name"] = step["properties"]["name"]


def _actions(definitions: Schema) -> None:
    for action in ACTIONS:
        definitions[action.__name__] = _action(action, definitions[action.__name__])
    policy = definitions["FaultPolicy"]["properties"]["then"]
    described = {"description": policy.pop("description")}
    definitions["FaultPolicy"]["properties"]["then"] = {**described, "anyOf": [policy["items"], policy]}


def _action(action: type[ActionBase], model: Schema) -> Schema:
    forms: list[Schema] = [] if model.get("required") else [{"const": action.variant}]
    inner = [{key: value for key, value in model.items() if key not in ("description", "title")}]
    if action.main is not None:
        inner.append(model["properties"][action.main])
    if not model.get("required"):
        inner.append({"type": "null"})
    keyed = {"type": "object", "properties": {action.variant: {"anyOf": inner}}, "additionalProperties": False}
    forms.append({**keyed, "required": [action.variant]})
    return {"title": model["title"], "description": model["description"], "anyOf": forms}


def _without_defaults(node: Any) -> Any:
    """Defaults are SI, and a file's bare numbers are not; null says nothing."""
    if isinstance(node, list):
        return [_without_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_defaults(value)
        for key, value in node.items()
        if key != "default" or isinstance(value, str) or value is True
    }
