"""What a recipe was taught, as a file: arrays by step, tied to the recipe that they belong to."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.model.recipe import Recipe, learns
from robocell.vision.steps.base import Learnt

_FORMAT = 2
_METHOD = 3  # counts changes of the tools that make stored models useless
_OWN = ("format", "belongs_to", "content")


def digest(recipe: Recipe) -> str:
    """Return what ties a learnt model to its recipe: a digest of all that matters for learning."""
    steps = [step.model_dump() for step in recipe.tools if step.variant == "locate" or learns(step)]
    text = json.dumps([_METHOD, recipe.recipe, steps], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return a digest of what was learnt: of names, types, shapes and numbers."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def write_model(path: Path, recipe: Recipe, learnt: Mapping[str, Learnt]) -> str:
    """Store what a recipe was taught; return the digest of its content.

    Raises:
        VisionError: the file cannot be written.

    """
    arrays = {f"{step}/{name}": np.asarray(array) for step, parts in learnt.items() for name, array in parts.items()}
    content = content_hash(arrays)
    buffer = io.BytesIO()
    own = {"format": np.array(_FORMAT), "belongs_to": np.array(digest(recipe)), "content": np.array(content)}
    np.savez_compressed(buffer, allow_pickle=False, **own, **arrays)
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_bytes(buffer.getvalue())
        temporary.replace(path)  # a reader finds the old model or the new one, never half of one
    except OSError as error:
        raise VisionError(f"the learnt model {path} cannot be written: {error.strerror}") from error
    return content


def read_model(path: Path, recipe: Recipe) -> Mapping[str, Learnt]:
    """Read what a recipe was taught: arrays by step and name.

    Raises:
        VisionError: the file is missing, damaged, or belongs to another recipe; the message says what to do.

    """
    teach = f"robocell teach {path.stem}.yaml with pictures of good parts"
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            parts = {name: stored[name] for name in stored.files}
        version, owner, content = int(parts["format"]), str(parts["belongs_to"]), str(parts.get("content", ""))
    except FileNotFoundError:
        raise VisionError(f"there is no learnt model {path.name}: teach the recipe first ({teach})") from None
    except Exception as error:  # numpy and zipfile raise many kinds for a damaged file
        raise VisionError(f"the learnt model {path.name} cannot be read: teach the recipe again ({teach})") from error
    if version != _FORMAT or owner != digest(recipe):
        raise VisionError(
            f"the learnt model {path.name} does not belong to this recipe, which was changed since, or is another one: "
            f"teach it again ({teach})"
        )
    arrays = {name: array for name, array in parts.items() if name not in _OWN}
    if content_hash(arrays) != content:
        raise VisionError(f"the learnt model {path.name} is damaged: teach the recipe again ({teach})")
    learnt: dict[str, dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        step, _, inner = name.partition("/")
        learnt.setdefault(step, {})[inner] = array
    return learnt
