"""Every bad input to the command line, each in a folder and a process of its own."""

import json
import shlex
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext
from pathlib import Path

from netspatial.evaluate.robustness.attempt import Attempt, CallLimits, call, call_function
from netspatial.evaluate.robustness.cases import PREPARED, BadInputCase, copy_needs, prepare
from netspatial.evaluate.robustness.commands import COMMANDS
from netspatial.evaluate.robustness.full_disk import limits_of
from netspatial.evaluate.robustness.material import NotGood
from netspatial.evaluate.robustness.report import BadInputs, Failure
from netspatial.evaluate.robustness.verdict import (
    Fault,
    check_outputs,
    left_behind,
    look,
    told_wrong,
)

COUNTS: dict[str, str] = {
    "traceback": "tracebacks",
    "hang": "hangs",
    "wrong_success": "wrong_success",
    "left_behind": "left_behind",
}
PATIENT = CallLimits(cpu_s=600, wall_s=1200)
"""For what only prepares: it may be slow on a busy machine."""


@dataclass(frozen=True)
class Attack:
    """Where cases are tried: what starts processes, the good files, a folder for the work.

    keep : folder for the cases that fail; None keeps none
    """

    context: ForkServerContext
    material: Path
    work: Path
    seed: int
    keep: Path | None = None
    limits: CallLimits = field(default_factory=CallLimits)

    def check_good(self) -> None:
        """Raise unless every command ends well on good files: else nothing is learnt."""
        for name, command in COMMANDS.items():
            folder = self.work / "good" / name
            folder.mkdir(parents=True)
            copy_needs(command, self.material, folder)
            attempt = call(self.context, command.argv, folder, folder.parent / "notes", self.limits)
            if attempt.code != 0:
                raise NotGood(
                    f"The command '{name}' does not end well on good files: {attempt.err.strip()}"
                )
            shutil.rmtree(folder)

    def attempt(self, case: BadInputCase) -> list[Failure]:
        """Try one case; return what went wrong."""
        room = self.work / case.name.replace("/", "_")
        folder, notes = room / "case", room / "notes"
        room.mkdir(parents=True)
        ready = call_function(
            self.context,
            prepare,
            (case, self.seed, self.material, folder),
            room,
            room / "preparing",
            PATIENT,
        )
        if ready.code != 0:
            raise NotGood(
                f"The case '{case.name}' cannot be made: exit code {ready.code} after "
                f"{ready.seconds:.0f} s. {ready.err.strip()[-300:]}"
            )
        metadata = json.loads((room / PREPARED).read_text())
        before = look(folder)
        attempt = call(self.context, case.words, folder, notes, limits_of(case, self.limits))
        faults = self._faults(case, attempt, before, folder, refused=metadata["refused"])
        if faults and self.keep is not None:
            (room / "command.txt").write_text(f"{shlex.join(['netspatial', *case.words])}\n")
            shutil.copytree(room, self.keep / room.name, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(room)
        words = shlex.join(case.words)
        return [
            Failure(case.name, metadata["what"], fault, detail, f"netspatial {words:.300}")
            for fault, detail in faults.items()
        ]

    def _faults(
        self,
        case: BadInputCase,
        attempt: Attempt,
        before: dict[str, str],
        folder: Path,
        *,
        refused: bool,
    ) -> dict[Fault, str]:
        command = COMMANDS[case.command]
        validating = command.argv[:2] == ("city", "validate")
        faults = told_wrong(attempt, (0, 1, 2) if validating else (0, 2))
        after = look(folder)
        kept: tuple[str, ...] = ()
        if command.makes_run and (case.value is None or _can_go_on(folder / "run")):
            kept = ("run", "plan")
        elif command.argv[:2] == ("city", "build"):
            kept = ("built.incomplete",)
        left = left_behind(before, after, succeeded=attempt.code == 0, kept=kept)
        if left:
            faults["left_behind"] = left
        if attempt.code == 0 and not faults:
            if refused and not command.passes_over:
                faults["wrong_success"] = "exit code 0"
            else:
                checked = call_function(
                    self.context,
                    check_outputs,
                    (folder, list(case.words), attempt.out, before),
                    folder,
                    folder.parent / "checking",
                    PATIENT,
                )
                if checked.code != 0:
                    lines = checked.err.strip().splitlines() or ["no result"]
                    faults["wrong_success"] = lines[-1]
        return faults


def try_all(
    attack: Attack, tried: Iterable[BadInputCase], at_once: int, on_done: Callable[[int], None]
) -> tuple[BadInputs, list[Failure]]:
    """Try all cases, some at once; call `on_done` with how many are done."""
    counts, failures = BadInputs(), []
    with ThreadPoolExecutor(at_once) as pool:
        for found in pool.map(attack.attempt, tried):
            counts.tried += 1
            for failure in found:
                name = COUNTS[failure.fault]
                setattr(counts, name, getattr(counts, name) + 1)
            failures += found
            on_done(counts.tried)
    return counts, failures


def _can_go_on(run: Path) -> bool:
    """Whether a run failed after a finished stage: the mended command goes on from there."""
    manifest, progress = run / "manifest.json", run / "progress.json"
    if not (manifest.is_file() and progress.is_file()):
        return False
    stages = json.loads(manifest.read_text()).get("stages")
    return bool(stages) and json.loads(progress.read_text()).get("state") == "failed"
