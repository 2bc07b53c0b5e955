"""Whatever the inspections say, the part is where each step needs it, and ends somewhere."""

from __future__ import annotations

from robocell.config.semantics.context import Context, article
from robocell.config.semantics.walks import MAX_COMBINATIONS, Finding, Walk, combinations, walks
from robocell.model.route import ArriveStep, Step

Loc = tuple[str | int, ...]


def check(context: Context) -> None:
    """Report what is wrong in any walk of any route, each thing once, with a combination that shows it."""
    if not context.whole("route", "stations", "products"):
        return
    results = [name for name, found in context.declared.items() if found.what == "result"]
    by_product = isinstance(context.cell.route, dict)
    for product, steps in context.cell.routes.items():
        loc: Loc = ("route", product) if by_product else ("route",)
        if not _begins(context, product, steps, loc):
            continue
        if combinations(steps, results) > MAX_COMBINATIONS:
            message = f"the route has more than {MAX_COMBINATIONS} combinations of results and signals"
            context.report("RC409", loc, message, "use fewer inspections or signals in its conditions", key=True)
            continue
        done: set[int] = set()
        found: dict[tuple[str, int], Finding] = {}
        complete = True
        for walk in walks(context.cell, steps, results):
            done.update(walk.done)
            complete = complete and not walk.findings
            _collect(found, walk)
        for finding in found.values():
            _report(context, loc, steps, finding)
        if complete:
            for index in range(len(steps)):
                if index not in done:
                    message = f"this {steps[index].verb} is never done: its 'when' is false for every result"
                    context.report("RC409", (*loc, index, "when"), message)


def _begins(context: Context, product: str, steps: tuple[Step, ...], loc: Loc) -> bool:
    first = steps[0]
    fine = True
    if not isinstance(first, ArriveStep):
        context.report("RC410", (*loc, 0), f"a route begins with an arrive, this one with {article(first.verb)}", _HINT)
        fine = False
    elif first.arrive.product != product:
        message = f"the route of '{product}' begins with the arrival of a '{first.arrive.product}'"
        context.report("RC410", (*loc, 0, "arrive", "product"), message)
        fine = False
    elif first.when is not None:
        context.report("RC410", (*loc, 0, "when"), "an arrive cannot have a condition", key=True)
    for index, step in enumerate(steps[1:], 1):
        if isinstance(step, ArriveStep):
            context.report("RC410", (*loc, index), "a second arrive: a route is about one part", _HINT)
            fine = False
    return fine


_HINT = "several products have a route each: route: {cap: […], flange: […]}"


def _collect(found: dict[tuple[str, int], Finding], walk: Walk) -> None:
    for finding in walk.findings:
        found.setdefault((finding.code, finding.index), finding)


def _report(context: Context, loc: Loc, steps: tuple[Step, ...], finding: Finding) -> None:
    where: Loc = (*loc, finding.index)
    if finding.at_when and steps[finding.index].when is not None:
        where = (*where, "when")
    related = None
    if finding.related is not None:
        related = (context.document.place((*loc, finding.related)), "the other step")
    context.report(finding.code, where, finding.message, finding.hint, related=related)
