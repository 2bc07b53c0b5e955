"""Signals exist and have the type that their place needs."""

from __future__ import annotations

from robocell.config.problems import Problem
from robocell.config.semantics.context import Context, What
from robocell.config.translate import did_you_mean
from robocell.errors import ExpressionError
from robocell.model.expression import Expression, Type
from robocell.model.fault import Suspend
from robocell.model.route import WaitStep
from robocell.model.verbs import RESULT_FIELDS, STATION_SIGNALS

Loc = tuple[str | int, ...]


def check(context: Context) -> None:
    """Report unknown signals and conditions that are not true or false."""
    for name, interlock in context.cell.interlocks.items():
        _condition(context, ("interlocks", name, "require"), interlock.require, results=False)
    for at in context.steps():
        if at.step.when is not None:
            _condition(context, (*at.loc, "when"), at.step.when, results=True)
        if isinstance(at.step, WaitStep) and at.step.wait.until is not None:
            _condition(context, (*at.arguments, "until"), at.step.wait.until, results=True)
    if context.cell.permit is not None:
        _signal(context, ("permit", "reset"), context.cell.permit.reset)
    _exchanges(context)
    for key, policy in context.cell.faults.items():
        for where, actions in (("try", policy.attempts), ("then", policy.then)):
            for index, action in enumerate(actions):
                if isinstance(action, Suspend) and action.until is not None:
                    _signal(context, ("faults", key, where, index, "~suspend", "until"), action.until)


def _exchanges(context: Context) -> None:
    """Report exchanges that no signal, or that of another station, confirms."""
    confirmed: dict[str, Loc] = {}
    for name, station in context.cell.stations.items():
        exchange = getattr(station, "exchange", None)
        if exchange is not None:
            loc: Loc = ("stations", name, "exchange", "confirm")
            _signal(context, loc, exchange.confirm)
            other = confirmed.setdefault(exchange.confirm, loc)
            if other != loc:
                message = f"'{name}' and '{other[1]}' are confirmed by the same signal '{exchange.confirm}'"
                related = (context.document.place(other), "the other one")
                context.report("RC614", loc, message, "give each its own button", related=related)


def fields_of(context: Context, head: str) -> dict[str, Type] | None:
    """Return the signals of a device, station or result, or of `io`; None where they are not known."""
    if head == "io":
        return dict.fromkeys(context.cell.io, "bool")
    found = context.declared[head]
    if found.what == "result":
        return dict.fromkeys(RESULT_FIELDS, "bool")
    if found.what == "station":
        return dict.fromkeys(STATION_SIGNALS, "bool")
    profile = context.profiles.get(head)
    if found.what != "device" or profile is None:
        return None if found.what == "device" else {}
    types: dict[str, Type] = {"bool": "bool", "text": "text"}
    return {name: types.get(kind, "quantity") for name, kind in profile.signals.items()}


def problem_of_signal(context: Context, name: str, *, results: bool) -> tuple[str, str, str] | None:
    """Return code, message and hint if the dotted `name` is no signal (or result, where allowed)."""
    head, _, field = name.partition(".")
    known = context.declared.get(head)
    if known is None and head != "io":
        what: list[What] = ["device", "station", "result"] if results else ["device", "station"]
        noun = "device, station or result" if results else "device or station"
        return "RC204", f"no {noun} named '{head}'", context.suggest(head, what)
    if known is not None and known.what == "result" and not results:
        return "RC402", f"'{head}' is a result; only a route's steps have results", ""
    fields = fields_of(context, head)
    if fields is None or field in fields:
        return None
    if not fields:
        return "RC402", f"'{head}' has no signals", ""
    listing = f"it has {', '.join(fields)}"
    return "RC402", f"'{head}' has no signal '{field}'", did_you_mean(field, fields, listing)


def type_of_signal(context: Context, name: str) -> Type | None:
    """Return the type of the dotted `name`, None where it is not known."""
    head, _, field = name.partition(".")
    if head not in context.declared and head != "io":
        return None
    return (fields_of(context, head) or {}).get(field)


def _condition(context: Context, loc: Loc, expression: Expression, *, results: bool) -> None:
    for reference in expression.names():
        wrong = problem_of_signal(context, reference.name, results=results)
        if wrong is not None:
            place = context.document.inner(loc, reference.column, len(reference.name))
            context.problems.append(Problem(wrong[0], place, wrong[1], wrong[2]))
            context.broken.add(str(loc[0]))
    try:
        expression.check(lambda name: type_of_signal(context, name))
    except ExpressionError as error:
        context.problems.append(Problem("RC403", context.document.inner(loc, error.column), str(error)))


def _signal(context: Context, loc: Loc, name: str) -> None:
    wrong = problem_of_signal(context, name, results=False)
    if wrong is not None:
        context.report(wrong[0], loc, wrong[1], wrong[2])
    elif (kind := type_of_signal(context, name)) not in (None, "bool"):
        context.report("RC403", loc, f"'{name}' is {'a text' if kind == 'text' else 'a number'}, not true or false")
