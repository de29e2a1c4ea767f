"""The kinds of runs by name. A new kind is a function and a line; modules are imported lazily."""

from collections.abc import Callable

from netspatial.errors import BadInput
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Watch


def _plan(run: Run, watch: Watch) -> None:
    from netspatial.runs.kinds.planning import work_on  # noqa: PLC0415  torch is heavy

    work_on(run, watch)


def _operate(run: Run, watch: Watch) -> None:
    from netspatial.runs.kinds.operating import work_on  # noqa: PLC0415  torch is heavy

    work_on(run, watch)


def _weigh(run: Run, watch: Watch) -> None:
    from netspatial.runs.kinds.policy_comparison import work_on  # noqa: PLC0415  only where it is worked on

    work_on(run, watch)


def _simulate(run: Run, watch: Watch) -> None:
    from netspatial.runs.kinds.simulating import work_on  # noqa: PLC0415  only where it is worked on

    work_on(run, watch)


def _finetune(run: Run, watch: Watch) -> None:
    from netspatial.runs.kinds.finetuning import work_on  # noqa: PLC0415  torch is heavy

    work_on(run, watch)


def _forecast(run: Run, watch: Watch) -> None:
    from netspatial.runs.kinds.forecasting import work_on  # noqa: PLC0415  torch is heavy

    work_on(run, watch)


def _validate(run: Run, watch: Watch) -> None:
    from netspatial.runs.kinds.validating import work_on  # noqa: PLC0415  torch is heavy

    work_on(run, watch)


KINDS: dict[str, Callable[[Run, Watch], None]] = {
    "plan": _plan,
    "operate": _operate,
    "compare_policies": _weigh,
    "simulate": _simulate,
    "finetune": _finetune,
    "forecast": _forecast,
    "validate": _validate,
}


def resume(run: Run, watch: Watch = lambda _: None) -> None:
    """Run the unfinished stages of a run in this process."""
    kind = run.manifest.kind
    if kind not in KINDS:
        raise BadInput(
            f"The run '{run.name}' is of the unknown kind '{kind}'; the kinds are "
            f"{', '.join(KINDS)}."
        )
    KINDS[kind](run, watch)
