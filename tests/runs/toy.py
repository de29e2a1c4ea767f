"""A kind of run that needs no models: it counts, pauses, fails or dies as it is told to.

Run as a program it is a worker that knows this kind.
"""

import os
import signal
import sys
import time
from pathlib import Path

from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, Tell, Watch, carry_out
from netspatial.runs.kinds import registry

COMMAND = [sys.executable, str(Path(__file__).resolve())]


def work_on(run: Run, watch: Watch = lambda _: None) -> None:
    request = run.manifest.request

    def first(tell: Tell) -> dict[str, str]:
        with (run.folder / "tries").open("a") as tries:
            tries.write("first\n")
        with atomic_file(run.path("first.txt")) as draft:
            draft.write_text("one")
        tell(1, 1)
        return {"first": "done"}

    def second(tell: Tell) -> dict[str, str]:
        for count in range(request.get("n", 3)):
            tell(count, request.get("n", 3))
            if (run.folder / "excluded").exists():
                continue
            if count == request.get("die_at"):
                (run.folder / "excluded").touch()
                os.write(2, b"the last thing it said\n")
                os.kill(os.getpid(), signal.SIGKILL)
            if count == request.get("refuse_at"):
                raise BadInput("The toy was told to refuse.")
            if count == request.get("break_at"):
                raise ZeroDivisionError("a fault of ours")
            while request.get("hold") and not (run.folder / "go").exists():
                tell(count, request["n"])
                time.sleep(0.01)
        with atomic_file(run.path("second.txt")) as draft:
            draft.write_text(str(request.get("n", 3)))
        return {"pid": os.getpid()}

    stages = [
        Stage("first", "Writing one", [], ("first.txt",), first),
        Stage("second", "Counting", request.get("n", 3), ("second.txt",), second),
    ]
    carry_out(run, lambda: stages, watch)


if __name__ == "__main__":
    registry.KINDS["toy"] = work_on
    worker.COMMAND = COMMAND
    worker.load_models = (Path(sys.argv[1]) / "warm").touch
    worker.main()
