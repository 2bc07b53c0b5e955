"""The tools that compare, measure and read; one model a tool. Where they work: `recipe_region`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.extent import Extent, Patch, Point, Side
from robocell.model.quantity import Angle, Flag, RelativePath
from robocell.model.recipe_limits import AreaLimits, CountLimits, Grey, GreyLimits, ShareLimits
from robocell.model.recipe_locate import FrameName, Share, Tool
from robocell.model.recipe_region import DiscRegion, RectangleRegion, Region

MOST_GRID = 2048
"""Pixels of a learnt model along a side."""

Kind = Literal["open", "short", "mousebite", "spur", "copper", "pinhole"]
KINDS: tuple[Kind, ...] = ("open", "short", "mousebite", "spur", "copper", "pinhole")
Symbology = Literal[
    "aztec", "codabar", "code128", "code39", "code93", "databar", "datamatrix", "ean13", "ean8", "itf", "maxicode",
    "micropdf417", "microqr", "pdf417", "qrcode", "rmqr", "upca", "upce",
]  # fmt: skip
Lightness = Annotated[float, Field(ge=0, le=100)]
Chroma = Annotated[float, Field(ge=-128, le=127)]


class Golden(Tool):
    """Compares what is seen with what good parts look like, pixel by pixel.

    Attributes:
        inside: diameter within which a located disc's face is compared; the rim's chamfer is left out.
        region: what is compared, instead of `inside`.
        resolution: length of a pixel of the learnt model; 100 µm, or the picture's own for a region in pixels.
        contrast: grey levels that a difference must have, on an even face, to count.
        area: area that connected differing pixels must have to count; five pixels of the model by default.
        spread: how many standard deviations of good parts a pixel may differ.

    """

    inside: Side | None = Field(default=None, description="Diameter within which a located disc is compared")
    region: Region | None = Field(default=None, description="What is compared, instead of `inside`")
    resolution: Side | None = Field(default=None, description="Length of a pixel of the learnt model")
    contrast: Annotated[float, Field(gt=0, le=255)] = Field(default=5.0, description="Grey levels that may differ")
    area: Patch | None = Field(default=None, description="Area that must differ together to count")
    spread: Annotated[float, Field(gt=0, le=100)] = Field(
        default=6.0, description="Standard deviations that may differ"
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.inside is None) == (self.region is None):
            raise PydanticCustomError("keys", "'golden' has either 'inside' (a diameter) or 'region'")
        width, height = self.sides
        if width.pixels != height.pixels:
            raise PydanticCustomError("keys", "a compared region has both sides in a length or both in px")
        if self.pixel.pixels != width.pixels:
            raise PydanticCustomError("keys", "'resolution' and the region are both in a length or both in px")
        if max(width.value, height.value) / self.pixel.value > MOST_GRID:
            text = f"a learnt model has at most {MOST_GRID} pixels across: make 'resolution' coarser"
            raise PydanticCustomError("keys", text)
        return self

    @property
    def sides(self) -> tuple[Extent, Extent]:
        """Extent of what is compared along X and Y."""
        if self.inside is not None:
            return self.inside, self.inside
        region = self.region
        assert region is not None
        if isinstance(region, DiscRegion):
            return region.disc, region.disc
        return region.size if isinstance(region, RectangleRegion) else (region.box[2], region.box[3])

    @property
    def pixel(self) -> Extent:
        """Length of a pixel of the learnt model."""
        if self.resolution is not None:
            return self.resolution
        return Extent(1.0, True) if self.sides[0].pixels else Extent(100e-6)


class Pair(Tool):
    """Compares the picture with its own template: a board with its defect-free twin.

    Attributes:
        template: the template's file beside the recipe; `{id}` in it stands for what the picture is called. Left out
            where whoever inspects gives each picture's template.
        folder: where the template lies: a folder beside the recipe.
        picture: what pictures are called, such as `{id}_test.jpg`; tells their id from their file's name.
        code: the `code` step that reads the id on the part instead: the group `id` of its `text`, or the whole text.
        region: what the template shows, where the picture shows more; all of the picture by default.
        reject: kinds of defect that fail a part.
        area: area from which on a defect counts, that of its box.
        score: how certain a defect must be to count.
        copper: which side of the grey levels is copper.

    """

    template: RelativePath | None = Field(
        default=None, description="The template's file, such as board.png or {id}_temp.jpg"
    )
    folder: RelativePath | None = Field(default=None, description="Folder of the templates, beside the recipe")
    picture: Annotated[str, Field(min_length=4, max_length=200)] = Field(
        default="{id}", description="What pictures are called, such as {id}_test.jpg; tells their id"
    )
    code: FrameName | None = Field(default=None, description="The `code` step that reads the id on the part instead")
    region: Region | None = Field(default=None, description="What the template shows; all of the picture by default")
    reject: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=6)] = Field(
        default=KINDS, description="Kinds of defect that fail a part; all by default"
    )
    area: Patch | None = Field(default=None, description="Area of a defect's box from which on it counts")
    score: Share = Field(default=0.5, description="How certain a defect must be to count, 0 to 1")
    copper: Literal["dark", "bright"] = Field(default="dark", description="Which side of the grey levels is copper")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.folder is not None and self.template is None:
            raise PydanticCustomError("keys", "'folder' is where the 'template' lies: give both")
        if self.picture.count("{id}") != 1:
            raise PydanticCustomError("keys", "'picture' has {id} in it exactly once, as in {id}_test.jpg")
        return self


class Blob(Tool):
    """Counts connected areas of some brightness.

    Attributes:
        region: where.
        below, above, between: which grey levels belong to a blob: exactly one of the three.
        area: which blobs count.
        count: how many there may be.

    """

    region: Region = Field(description="Where to look")
    below: Grey | None = Field(default=None, description="Blobs are darker than this")
    above: Grey | None = Field(default=None, description="Blobs are brighter than this")
    between: tuple[Grey, Grey] | None = Field(default=None, description="Blobs have grey levels from … to …")
    area: AreaLimits | None = Field(default=None, description="Which blobs count: {min: 1 mm2, max: 9 mm2}")
    count: CountLimits = Field(description="How many there may be: 4, or {min: 1, max: 3}")

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        given = [name for name in ("below", "above", "between") if getattr(self, name) is not None]
        if len(given) != 1:
            found = ", ".join(given) or "none"
            raise PydanticCustomError(
                "keys", "a blob has exactly one of 'below', 'above' and 'between', here {found}", {"found": found}
            )
        if not 0 <= self.levels[0] <= self.levels[1] <= 255 or self.levels == (0, 255):
            raise PydanticCustomError("keys", "these grey levels hold no pixel or every one")
        return self

    @property
    def levels(self) -> tuple[int, int]:
        """Least and greatest grey level of a blob, both inclusive."""
        if self.below is not None:
            return 0, int(-(-self.below // 1)) - 1
        if self.above is not None:
            return int(self.above // 1) + 1, 255
        low, high = self.between or (0.0, 255.0)
        return int(-(-low // 1)), int(high // 1)


class Caliper(Tool):
    """Measures where an edge, or a pair of edges, crosses a narrow strip.

    Attributes:
        at: middle of the strip.
        angle: its direction, from X towards Y; edges are told along it.
        length: along the direction.
        width: across it: what is averaged.
        polarity: `rising` from dark to bright along the direction, `falling`, or `any`.
        pair: whether two edges belong together, such as the sides of a slot.
        contrast: grey levels that an edge must have.

    """

    at: Point = Field(description="Middle of the strip, in the frame")
    length: Side = Field(description="Along the direction in which edges are looked for")
    width: Side = Field(description="Across it: this much is averaged")
    angle: Angle = Field(default=0.0, description="Direction in the frame, from X (columns) towards Y (rows)")
    polarity: Literal["any", "rising", "falling"] = Field(
        default="any", description="rising: from dark to bright along the direction"
    )
    pair: Flag = Field(default=False, description="Two edges that belong together, such as the sides of a slot")
    contrast: Annotated[float, Field(gt=0, le=255)] = Field(default=10.0, description="Grey levels an edge must have")


class Presence(Tool):
    """Is something there? Judged by how bright, how uneven and how full of edges a region is.

    Attributes:
        region: where.
        brightness: mean grey level of the region where it is there.
        contrast: standard deviation of its grey levels.
        edges: share of its pixels that are on an edge.

    Where none of the three is given, all are learnt from good parts.

    """

    region: Region = Field(description="Where to look")
    brightness: GreyLimits | None = Field(default=None, description="Mean grey level where it is there")
    contrast: GreyLimits | None = Field(default=None, description="Standard deviation of the grey levels")
    edges: ShareLimits | None = Field(default=None, description="Share of the pixels that are on an edge")

    @property
    def learns(self) -> bool:
        """Whether its limits are learnt."""
        return self.brightness is None and self.contrast is None and self.edges is None


class Colour(Tool):
    """Has a region the right colour? Told as a CIEDE2000 difference: about 1 is what people just see.

    Attributes:
        region: where.
        like: L, a, b of the right colour; learnt from good parts where left out.
        tolerance: ΔE that it may differ; learnt with the colour where left out.

    """

    region: Region = Field(description="Where to look")
    like: tuple[Lightness, Chroma, Chroma] | None = Field(
        default=None, description="L (0 to 100), a, b (-128 to 127) of the right colour; learnt where left out"
    )
    tolerance: Annotated[float, Field(gt=0, le=200)] | None = Field(
        default=None, description="ΔE that it may differ; learnt where left out"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.like is not None and self.tolerance is None:
            raise PydanticCustomError("keys", "a colour that is given with 'like' needs a 'tolerance'")
        return self

    @property
    def learns(self) -> bool:
        """Whether the colour is learnt."""
        return self.like is None


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        reason = str(error)
        raise PydanticCustomError("text_pattern", "no text pattern: {reason}", {"reason": reason}) from None
    return text


class ReadCode(Tool):
    """Reads a code.

    Attributes:
        kinds: which symbologies to look for; fewer are quicker and misread less.
        region: where; everywhere by default.
        text: a regular expression that the whole text must match.
        count: how many codes there are.
        result: what the text is called in the verdict.

    """

    kinds: Annotated[tuple[Symbology, ...], Field(min_length=1, max_length=16)] = Field(
        description="Which symbologies to look for, such as [datamatrix]; fewer are quicker and misread less"
    )
    region: Region | None = Field(default=None, description="Where to look; everywhere by default")
    text: Annotated[str, Field(max_length=400), AfterValidator(_pattern)] | None = Field(
        default=None, description="A regular expression that the whole text must match"
    )
    count: Annotated[int, Field(strict=True, ge=1, le=100)] = Field(default=1, description="How many codes there are")
    result: FrameName | None = Field(default=None, alias="as", description="What the text is called in the verdict")
