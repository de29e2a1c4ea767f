"""A kind of run without models that counts, pauses, fails or dies on request.

As a program, it is a worker that supports this kind.
"""

import os
import signal
import sys
import time
from pathlib import Path

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.progress import Progress, count
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Watch, run_stages
from netspatial.runs.kinds import registry

COMMAND = [sys.executable, str(Path(__file__).resolve())]


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    request = run.manifest.request

    def first(progress: Progress) -> dict[str, str]:
        with (run.folder / "tries").open("a") as tries:
            tries.write("first\n")
        with atomic_file(run.path("first.txt")) as draft:
            draft.write_text("one")
        progress("", 1.0)
        return {"first": "done"}

    def second(progress: Progress) -> dict[str, str]:
        for number in range(request.get("n", 3)):
            count(progress, number, request.get("n", 3), "numbers")
            if (run.folder / "died").exists():
                continue
            if number == request.get("die_at"):
                (run.folder / "died").touch()
                os.write(2, b"the last thing it said\n")
                os.kill(os.getpid(), signal.SIGKILL)
            if number == request.get("refuse_at"):
                raise BadInput("The toy refuses as requested.")
            if number == request.get("break_at"):
                raise ZeroDivisionError("an internal error")
            while request.get("hold") and not (run.folder / "go").exists():
                count(progress, number, request["n"], "numbers")
                time.sleep(0.01)
        with atomic_file(run.path("second.txt")) as draft:
            draft.write_text(str(request.get("n", 3)))
        return {"pid": os.getpid()}

    stages = [
        Stage("first", "Writing one", [], ("first.txt",), first),
        Stage("second", "Counting", request.get("n", 3), ("second.txt",), second),
    ]
    run_stages(run, lambda: stages, watch)


if __name__ == "__main__":
    registry.KINDS["toy"] = work_on
    worker.COMMAND = COMMAND
    worker.load_models = (Path(sys.argv[1]) / "warm").touch
    worker.main()
