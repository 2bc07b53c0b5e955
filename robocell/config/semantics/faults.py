"""Fault keys name faults that can happen; what must be handled is handled; actions fit."""

from __future__ import annotations

from robocell.config.semantics.context import Context, StepAt, article
from robocell.config.translate import did_you_mean
from robocell.model.fault import Action, FaultPolicy, Open, Reject
from robocell.model.route import InspectStep, LeaveStep, PickStep, PlaceStep, ProcessStep, Verb
from robocell.model.station import BeltStation
from robocell.model.verbs import DEVICE_FAULTS, PERFORMER, STATION_FAULTS, VERB_TABLE

_GRIPPING: tuple[Verb, ...] = ("pick", "place")


def check(context: Context) -> None:
    """Report unknown faults, faults that nothing raises, unhandled full stations, unfit actions."""
    if not context.whole("route", "stations", "devices"):
        return
    for key, policy in context.cell.faults.items():
        head, _, fault = key.partition(".")
        raisers = _raisers(context, key, head, fault)
        if raisers is not None:
            _actions(context, key, policy, raisers)
    if context.whole("faults"):
        _full(context)


def performer(context: Context, at: StepAt) -> str | None:
    """Return the device that performs a step (for a place the arm that holds), None without one."""
    step = at.step
    if isinstance(step, InspectStep):
        return step.inspect.camera
    if isinstance(step, PickStep):
        return step.pick.arm
    if isinstance(step, ProcessStep):
        return step.process.machine
    if isinstance(step, LeaveStep):
        return step.leave.belt
    if isinstance(step, PlaceStep):
        before = [s for s in context.cell.routes[at.product][: at.index] if isinstance(s, PickStep)]
        return before[-1].pick.arm if before else None
    return None


def _raisers(context: Context, key: str, head: str, fault: str) -> list[StepAt] | None:
    """Return the steps that raise the fault (none for a device's own), or report and return None."""
    steps = list(context.steps())
    named = [at for at in steps if at.step.name == head]
    if named:
        return _of_steps(context, key, head, fault, named)
    if head in VERB_TABLE:
        return _of_verb(context, key, head, fault, [at for at in steps if at.step.verb == head])
    found = context.declared.get(head)
    if found is not None and found.what == "station":
        return _of_station(context, key, head, fault, steps)
    if found is not None and found.what == "device":
        return _of_device(context, key, head, fault, steps)
    heads = [at.step.name for at in steps if at.step.name]
    heads += [d.name for d in context.declared.values() if d.what in ("station", "device")]
    hint = did_you_mean(head, [*heads, *VERB_TABLE])
    context.report("RC204", ("faults", key), f"no step, station, device or verb named '{head}'", hint, key=True)
    return None


def _unknown(context: Context, key: str, head: str, fault: str, known: list[str]) -> None:
    listing = f"it can raise {', '.join(known)}" if known else "it can raise none"
    message = f"'{head}' has no fault '{fault}'"
    context.report("RC501", ("faults", key), message, did_you_mean(fault, known, listing), key=True)


def _never(context: Context, key: str, why: str) -> None:
    context.report(
        "RC502", ("faults", key), f"nothing can raise '{key}': {why}", "remove it, or mend the name", key=True
    )


def _of_steps(context: Context, key: str, head: str, fault: str, steps: list[StepAt]) -> list[StepAt] | None:
    known = list(dict.fromkeys(f for at in steps for f in VERB_TABLE[at.step.verb].faults))
    if fault not in known:
        _unknown(context, key, head, fault, known)
        return None
    return [at for at in steps if fault in VERB_TABLE[at.step.verb].faults]


def _of_verb(context: Context, key: str, head: str, fault: str, steps: list[StepAt]) -> list[StepAt] | None:
    known = next(list(spec.faults) for verb, spec in VERB_TABLE.items() if verb == head)
    if fault not in known:
        _unknown(context, key, head, fault, known)
        return None
    if not steps:
        _never(context, key, f"no route has {article(head)}")
        return None
    return steps


def _of_station(context: Context, key: str, head: str, fault: str, steps: list[StepAt]) -> list[StepAt] | None:
    known = list(dict.fromkeys(f for faults in STATION_FAULTS.values() for f in faults))
    if fault not in known:
        _unknown(context, key, head, fault, known)
        return None
    verbs = [verb for verb, faults in STATION_FAULTS.items() if fault in faults]
    raisers = [at for at in steps if at.step.verb in verbs and head in _stations_of(context, at)]
    rejecting = fault in STATION_FAULTS["place"] and head in _reject_targets(context)
    if not raisers and not rejecting:
        _never(context, key, f"no step does {' or '.join(article(verb) for verb in verbs)} at '{head}'")
        return None
    return raisers


def _of_device(context: Context, key: str, head: str, fault: str, steps: list[StepAt]) -> list[StepAt] | None:
    kind = context.cell.devices[head].kind
    verbs = [verb for verb, performing in PERFORMER.items() if performing == kind]
    if fault in DEVICE_FAULTS[kind]:
        return [at for at in steps if at.step.verb in _GRIPPING] if kind in ("arm", "gripper") else []
    known = [*DEVICE_FAULTS[kind], *(f for verb in verbs for f in VERB_TABLE[verb].faults)]
    if fault not in known:
        _unknown(context, key, head, fault, known)
        return None
    raisers = [at for at in steps if fault in VERB_TABLE[at.step.verb].faults and performer(context, at) == head]
    if not raisers:
        _never(context, key, f"no step uses '{head}' so")
        return None
    return raisers


def _stations_of(context: Context, at: StepAt) -> list[str]:
    """Return where a step happens: the station it names, or any where the part can rest before it."""
    operation = at.step.operation
    station = getattr(operation, "station", None)
    if station is not None:
        return [station]
    before = context.cell.routes[at.product][: at.index]
    return [name for step in before if (name := getattr(step.operation, "station", None)) is not None]


def _reject_targets(context: Context) -> list[str]:
    policies = context.cell.faults.values()
    actions = [action for policy in policies for action in (*policy.attempts, *policy.then)]
    return [action.to for action in actions if isinstance(action, Reject) and action.to is not None]


def _full(context: Context) -> None:
    """Every station where parts end, and that fills up, says what happens when it is full."""
    places = [at for at in context.steps() if isinstance(at.step, PlaceStep)]
    for name in dict.fromkeys([*context.cell.finals, *sorted(_reject_targets(context))]):
        station = context.cell.stations.get(name)
        if station is None or isinstance(station, BeltStation):
            continue
        keys = [f"{name}.full", "place.full"]
        here = [at for at in places if isinstance(at.step, PlaceStep) and at.step.place.station == name]
        by_step = bool(here) and all(
            at.step.name is not None and f"{at.step.name}.full" in context.cell.faults for at in here
        )
        if by_step or any(key in context.cell.faults for key in keys):
            continue
        hint = f"add to faults: {name}.full: {{then: {{suspend: {{until: {name}.exchanged}}}}}}"
        message = f"parts end at '{name}', and nothing says what happens when it is full"
        context.report("RC503", ("stations", name), message, hint, key=True)


def _actions(context: Context, key: str, policy: FaultPolicy, raisers: list[StepAt]) -> None:
    for where, actions in (("try", policy.attempts), ("then", policy.then)):
        for index, action in enumerate(actions):
            _fits(context, (key, where, index), action, raisers)


def _fits(context: Context, at: tuple[str, str, int], action: Action, raisers: list[StepAt]) -> None:
    loc = ("faults", *at)
    key = at[0]
    verbs = {step.step.verb for step in raisers}
    if isinstance(action, Open) and action.gripper is None and not verbs & set(_GRIPPING):
        hint = "name one: {open: gripper}"
        context.report("RC504", loc, f"open: '{key}' comes from no operation with a gripper", hint)
    if not isinstance(action, Reject):
        return
    if raisers and verbs == {"arrive"}:
        context.report("RC504", loc, f"reject: at '{key}' there is no part to reject")
    elif action.to is None and not all(_has_branch(context, step) for step in raisers):
        hint = "name the station: {reject: {to: STATION, reason: REASON}}"
        context.report("RC504", loc, "reject: no later alternative of the route takes a failed part", hint)


def _has_branch(context: Context, at: StepAt) -> bool:
    """Whether a later place depends on a result, so that a failed verdict leads somewhere."""
    results = {name for name, found in context.declared.items() if found.what == "result"}
    for step in context.cell.routes[at.product][at.index :]:
        if isinstance(step, PlaceStep) and step.when is not None:
            heads = {reference.name.partition(".")[0] for reference in step.when.names()}
            if heads & results:
                return True
    return False
