"""Every problem that a file can have: a stable code, its title and what `robocell explain` says about it."""

from __future__ import annotations

import difflib
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """A stable problem code. Codes are never reused for something else."""

    code: str
    title: str
    explanation: str

    @property
    def warning(self) -> bool:
        """Whether a cell with such a problem can be used all the same."""
        return self.code in _WARNINGS


_WARNINGS = ("RC611", "RC612", "RC613")

_TABLE = (
    (
        "RC101",
        "the file cannot be read",
        "The file does not exist, is a folder, or may not be read by this user.",
    ),
    (
        "RC102",
        "the file is too large",
        "A file may have 1 MiB. A cell of two hundred lines has about 10 KiB.",
    ),
    (
        "RC103",
        "the file is not UTF-8",
        "Save the file as UTF-8. The problem names the first byte that is not.",
    ),
    (
        "RC104",
        "a character that text cannot have",
        ("NUL and other control characters are refused: they are invisible in an editor and change what a name is."),
    ),
    (
        "RC105",
        "the file is empty",
        "There is nothing in the file, or comments only. Start from one of the example cells.",
    ),
    (
        "RC106",
        "not YAML",
        (
            "The text is not well-formed YAML. Often a bracket, a quote or a colon is missing on this "
            "line or the one before, or a tab is used where YAML needs spaces."
        ),
    ),
    (
        "RC107",
        "too many elements",
        "A file may have 50 000 YAML events (about 20 000 values).",
    ),
    (
        "RC108",
        "nested too deep",
        "A file may nest 32 levels deep; the language needs about ten.",
    ),
    (
        "RC109",
        "anchors and aliases are not part of the language",
        "`&name` and `*name` are refused: what one line means would stand on another. Write the value out.",
    ),
    (
        "RC110",
        "tags are not part of the language",
        (
            "`!tag` and `!!type` are refused: a value's type follows from the key. Leave the tag out. A "
            "text that begins with `!` needs quotes."
        ),
    ),
    (
        "RC111",
        "more than one document",
        "A file holds one cell. Remove the `---` line or split the file.",
    ),
    (
        "RC112",
        "the same key twice",
        (
            "A mapping has each key once; YAML readers would silently keep one of the two. Both places "
            "are shown. Rename or remove one."
        ),
    ),
    (
        "RC113",
        "merge keys are not part of the language",
        "`<<` is refused; write the values out.",
    ),
    (
        "RC114",
        "a key must be plain text",
        "A list or mapping cannot be a key here.",
    ),
    (
        "RC115",
        "not a usable number",
        "`.nan`, `.inf`, and numbers too large for a double are refused: no measure of a cell is infinite.",
    ),
    (
        "RC116",
        "not a mapping",
        "The file must be a mapping that begins with `robocell: 1`, not a list or a single value.",
    ),
    (
        "RC201",
        "unknown key",
        "The key is not part of the language at this place. Close matches are suggested.",
    ),
    (
        "RC202",
        "a key is missing",
        "This element cannot be understood without the key. The hint says what it means.",
    ),
    (
        "RC203",
        "wrong type of value",
        "A value of another type is needed here: a text, a number, a list or a mapping.",
    ),
    (
        "RC204",
        "unknown name",
        (
            "Nothing in the file has this name. Names are declared as keys under devices, stations, "
            "zones, products, frames, io and `hardware: links`, or by `as:` of an inspection. Close "
            "matches are suggested with the line that declares them."
        ),
    ),
    (
        "RC205",
        "a name of the wrong kind",
        ("The name exists but is something else than what is needed here, such as a gripper where an arm is needed."),
    ),
    (
        "RC206",
        "a name for two things",
        (
            "Devices, stations, zones, products, frames, io, quality charts and results share one name space, since "
            "expressions, fault keys, poses and alarms use the bare name. Both places are shown."
        ),
    ),
    (
        "RC207",
        "a reserved word as a name",
        "Verbs, `links`, `cell`, `quality` and the words of expressions cannot be names.",
    ),
    (
        "RC208",
        "not a possible name",
        (
            "A name starts with a letter or `_` and goes on with letters, digits and `_`, 64 at most: it "
            "can stand in an expression. Names of cells, recipes and scenes may also have `-`."
        ),
    ),
    (
        "RC209",
        "not a step",
        (
            "A step has exactly one verb: arrive, inspect, pick, place, process, wait, set or leave; "
            "beside it may stand `name:` and `when:`."
        ),
    ),
    (
        "RC210",
        "unknown action",
        (
            "Actions are: retry, open, reject, relocate, reverse, alarm, hold, suspend, stop and abort. "
            "One with arguments is a mapping with one key, such as `{relocate: camera}`."
        ),
    ),
    (
        "RC211",
        "not one of the possible values",
        "Only the listed values are possible here.",
    ),
    (
        "RC212",
        "wrong number of entries",
        "The list has too few or too many entries.",
    ),
    (
        "RC213",
        "keys that do not go together",
        "The message says which keys exclude or need each other.",
    ),
    (
        "RC214",
        "no such profile",
        (
            "The catalogue has no device of this name. `robocell devices` lists it; a device of your own "
            "is a folder `hardware/<maker>/<device>` beside the cell with a `profile.yaml`."
        ),
    ),
    (
        "RC215",
        "a path outside the cell's folder",
        (
            "Files that a cell names are beside it or below: no absolute path, no `..`, no link that "
            "leads out. So a cell can be moved, and a file from elsewhere cannot read this machine."
        ),
    ),
    (
        "RC216",
        "a file is missing",
        "The cell names a file that does not exist in its folder.",
    ),
    (
        "RC217",
        "another version of the language",
        "`robocell: 1` is the version of the language that this release reads.",
    ),
    (
        "RC218",
        "the profile cannot be used",
        "The profile exists but is malformed; the message says why.",
    ),
    (
        "RC219",
        "no such recipe",
        (
            "An inspection names a recipe that is not in `recipes/` beside the cell, nor among those that robocell "
            "brings. Close matches are suggested."
        ),
    ),
    (
        "RC220",
        "no such scene",
        (
            "The cell names a scene that is not in `sim/scenes/` beside the cell, nor among those that robocell "
            "brings. A cell without `scene:` can be run in simulation, but nothing comes and nobody is there."
        ),
    ),
    (
        "RC221",
        "the arm's URDF cannot be used",
        (
            "The message says what is wrong, with the file's line. robocell needs a serial chain of 1 to 9 turning or "
            "sliding joints with position and velocity limits; collision geometry is box, cylinder, sphere, or a mesh "
            "(STL, OBJ) in the cell's folder. Document types and entities are refused, xacro must be expanded first."
        ),
    ),
    (
        "RC222",
        "the recipe cannot be used",
        "The recipe exists but is malformed, or lacks the model that it was taught; the message says why.",
    ),
    (
        "RC223",
        "the calibration does not fit the cell",
        (
            "A calibration file was made with pictures of another size, or for a camera on an arm's hand, where a cell's cameras "
            "stand. `robocell calibrate` makes it anew."
        ),
    ),
    (
        "RC301",
        "not such a quantity",
        (
            "A quantity is a number with a unit of the right dimension, such as `250 mm/s`. Decimal "
            "point, no thousands separators."
        ),
    ),
    (
        "RC302",
        "unit missing",
        (
            "Only lengths and angles may be bare numbers, and only if `units: {length: mm, angle: deg}` "
            "says what they mean. Everything else carries its unit."
        ),
    ),
    (
        "RC303",
        "too small",
        "The value is negative or zero where that has no meaning, or below the limit that is named.",
    ),
    (
        "RC304",
        "absurd",
        (
            "The value is beyond what any work cell has: 10 m/s, 100 m, 10 t. Most often the unit is "
            "wrong by a factor of thousand."
        ),
    ),
    (
        "RC305",
        "beyond what the device can do",
        ("The device's profile says less. The profile's figures have a source; `robocell devices NAME` shows them."),
    ),
    (
        "RC306",
        "outside a joint's limits",
        "The joint cannot turn so far.",
    ),
    (
        "RC307",
        "not one value for each joint",
        "`home` has one angle for each joint of the arm, from the base on.",
    ),
    (
        "RC308",
        "more than the payload",
        "Tool and part together are heavier than the arm's payload at its flange.",
    ),
    (
        "RC309",
        "does not fit the gripper",
        (
            "The part, or the opening before the grasp, is wider than the gripper opens, or the opening "
            "is narrower than the part."
        ),
    ),
    (
        "RC401",
        "not an expression",
        (
            "An expression is made of signals and results (`guard.door_closed`, `verdict.passed`), `and`,"
            " `or`, `not`, parentheses, and comparisons with numbers and units (`meter.power < 2 kW`)."
        ),
    ),
    (
        "RC402",
        "unknown signal",
        (
            "The device or station exists but has no signal of this name. A device's signals are listed "
            "in its profile; a result has `passed`, `failed` and `inconclusive`; a station has "
            "`exchanged`, `full` and `empty`."
        ),
    ),
    (
        "RC403",
        "types that do not fit",
        "A condition is true or false; numbers are compared with numbers of their unit.",
    ),
    (
        "RC404",
        "a result that is not there yet",
        (
            "`when` reads the result of an inspection, which must come earlier in the same route, on "
            "every walk that reaches the step."
        ),
    ),
    (
        "RC405",
        "alternatives overlap",
        (
            "With one combination of results two alternatives would be done, though the part can go to "
            "one place only. Make the `when:` of one exclude the other."
        ),
    ),
    (
        "RC406",
        "alternatives are not exhaustive",
        (
            "With the named combination of results no alternative is done, and the part stays in the "
            "gripper. A result is passed, failed or inconclusive: `not verdict.passed` covers the last "
            "two."
        ),
    ),
    (
        "RC407",
        "the workpiece ends nowhere",
        (
            "Every walk of a route ends with the part at rest at a station, or leaving on a belt. Here it"
            " stays in a gripper, on the belt where it arrived, or nothing happened with it at all."
        ),
    ),
    (
        "RC408",
        "a step without its part",
        (
            "The step needs the part at another place than where it is then: a pick needs it at rest, a "
            "place in a gripper, a process in its machine, a leave at a station of its belt."
        ),
    ),
    (
        "RC409",
        "a step that is never done",
        "No combination of results reaches this step.",
    ),
    (
        "RC410",
        "not a route of this product",
        "A route begins with the `arrive` of its product, exactly once, without `when`.",
    ),
    (
        "RC501",
        "unknown fault",
        ("A fault key is `<step name | station | device | verb>.<fault>`. The hint lists what this one can raise."),
    ),
    (
        "RC502",
        "a fault that nothing raises",
        (
            "The fault exists, but no step of any route here can raise it: the verb is not used, or the "
            "station is not used by such a verb."
        ),
    ),
    (
        "RC503",
        "full, and nothing handles it",
        (
            "The station is where parts end, so that it fills up, and no `faults:` entry says what "
            "happens then. Usual: `{then: {suspend: {until: good.exchanged}}}`."
        ),
    ),
    (
        "RC504",
        "an action that does not fit",
        (
            "The action has no meaning for this fault: `open` needs a gripper that the operation uses, "
            "`reject` needs an alternative that takes the part (or `{reject: {to, reason}}`), `until` "
            "needs a signal that can come."
        ),
    ),
    (
        "RC601",
        "unknown frame",
        "`in:` names a device, station or frame of this file, or `cell`.",
    ),
    (
        "RC602",
        "frames in a circle",
        "Each pose is in the frame of the other, so that none is anywhere.",
    ),
    (
        "RC603",
        "out of reach",
        (
            "The arm has no joint position for this pose of its tool. The message says by how much it is "
            "too far. Move the arm or the station, or choose another grasp."
        ),
    ),
    (
        "RC604",
        "approach out of reach",
        ("The arm reaches the seat but not the point before it. Use a shorter `approach:` or move the station."),
    ),
    (
        "RC605",
        "not on the belt",
        "`at` is the distance from the belt's start along travel, within the belt's length.",
    ),
    (
        "RC606",
        "a sensor on another belt",
        "The station's sensor must look across the station's own belt, or it never sees the part.",
    ),
    (
        "RC607",
        "via pose out of reach",
        "The arm cannot bring its tool to this pose. The message says by how much it is too far, or which joint stops it.",
    ),
    (
        "RC608",
        "no way there",
        (
            "Seat and approach are in reach, but not the straight line between them: it passes a joint's limit or a "
            "singular pose. Choose another `approach:` or grasp, or move the station."
        ),
    ),
    (
        "RC609",
        "no room for the part",
        "The part is larger than the distance of a tray's slots, or wider than the belt.",
    ),
    (
        "RC610",
        "the camera does not see the part",
        (
            "A camera's optical frame has Z into the picture: one that looks straight down has `rpy: [180, 0, 0]`. "
            "The whole upper face of the part must be in the picture."
        ),
    ),
    (
        "RC611",
        "the arm touches something on its way",
        (
            "A warning: on every way that the arm could take, as planned from its home or from where it takes the part, "
            "it comes nearer than 1 mm to a belt, machine, camera, fixture or another arm's base. Give poses to pass "
            "with `via:`, choose another `home:` or `approach:`, or move what is in the way."
        ),
    ),
    (
        "RC612",
        "arms that can meet where no zone keeps them apart",
        (
            "A warning: zones that follow from the ways of arms keep two of them apart from approach to retreat. But an arm at rest at "
            "home, or on its way to where it waits outside, holds no zone; nor are the ways of an arm of more than six joints known "
            "beforehand: for it, list the station and all arms that go there under `zones:`."
        ),
    ),
    (
        "RC613",
        "fingers may touch the next part",
        (
            "A warning: half the opening, a finger's thickness and half of the next part are more than the distance of the "
            "tray's slots, so that fingers that close across it may move what lies in the next slot."
        ),
    ),
    (
        "RC614",
        "one button for two stations",
        (
            "A person confirms the exchange of two stations by the same signal: whichever was emptied, both would count "
            "as empty, and the next part would be laid where one still lies. Give each station its own button."
        ),
    ),
    (
        "RC701",
        "two devices on one address",
        "Two devices on one link have the same unit number; both would answer.",
    ),
    (
        "RC702",
        "one port for two links",
        "Two links name the same serial port or address; only one can open it.",
    ),
    (
        "RC801",
        "not a tool",
        (
            "A step of a recipe has exactly one tool: locate, golden, pair, blob, caliper, gauge, presence, colour or code; "
            "beside it may stand `name:`."
        ),
    ),
    (
        "RC802",
        "a step that comes only later",
        "Steps run in the order in which they are written: what a step refers to stands before it.",
    ),
    (
        "RC803",
        "no located disc",
        (
            "The diameter of a disc, and the face inside it, are those of an earlier step `locate: {disc: …}`: the last one, "
            "or the one that `in:` names. A pattern has no rim."
        ),
    ),
    (
        "RC804",
        "not a text pattern",
        (
            "`text:` is a regular expression as Python has it, which the whole text must match: `LOT-[0-9]{6}`. "
            "Characters such as . ( + need a backslash before them where they mean themselves."
        ),
    ),
    (
        "RC901",
        "a measurement that the recipe does not make",
        (
            "`measure:` is step.quantity: a step of every recipe that gives the result, and what that step measures, such as "
            "`locate.diameter` of a disc. `robocell inspect` shows a recipe's measurements on a picture."
        ),
    ),
    (
        "RC902",
        "limits in another unit than the measurement",
        (
            "Charts are of lengths. What is measured through the camera's calibration has limits in a length (60 mm ± 0.2 mm), "
            "what a gauge judges in pixels has limits in px. Scores, counts, angles and grey levels are not charted."
        ),
    ),
)

CODES: dict[str, Code] = {code: Code(code, title, text) for code, title, text in _TABLE}


def explain(code: str) -> str:
    """Return what `robocell explain` prints about `code` (case does not matter).

    Raises:
        KeyError: There is no such code; the error's argument is the sentence to show.

    """
    entry = CODES.get(code.strip().upper())
    if entry is None:
        close = difflib.get_close_matches(code.strip().upper(), list(CODES), n=3)
        raise KeyError(f"no problem code '{code}'" + (f"; did you mean {', '.join(close)}?" if close else ""))
    return f"{entry.code}: {entry.title}\n\n{textwrap.fill(entry.explanation, 100, break_on_hyphens=False)}\n"
