"""A run on disk: what was asked, how far it is, and what came out; the faces of planning.

The room below `cli` and `ui`. The contract for whoever shows runs:

- `run.Run.open(folder)` reads a run: `.manifest` (kind, request, facts, stages with seconds),
  `.progress()` (state waiting | running | finished | failed | cancelled | interrupted; stage,
  message, number of stages, done of total; `.share` of the whole; `.error`, one sentence),
  `.cancel()`, `.delete()`. `run.list_runs(folder)` lists a runs folder, `run.new_folder(...)`
  names a fresh one.
- `planning.ask(...)` checks the inputs and creates a waiting run; `worker.start(folder)` has a
  process outside the caller work on it, or go on with it; `worker.attach(folder)` polls it:
  `.progress`, and `.ahead`, the number of runs before it in the queue. Neither imports torch.
  `worker.warm_up(runs)` has a worker load the shipped models before anybody asks.
- `planning.plan_sites(...)` does all of it in this process. `planning.PlanRun.open(folder)` reads
  the result; `.replan(settings)` ranks again at once without generating, and writes nothing.
- `operating.schedule_sleep(...)` and `operating_result.OperateRun` are the same for operating
  stations; `operating_request.ask(make_request(...))` creates a waiting run of that kind.
- `weighing.ask(run)` sets other policies beside an operating run and traces its trade-off;
  `simulating.ask(...)` makes a city, `finetuning.ask(...)` a model, `forecasting.ask(...)` tells
  the last measured hours of several services; each is worked on alike.
- `exports.EXPORTS` writes a result in other formats; `report.write_report` the HTML report.

Another kind of run is a list of `stages.Stage` in its own file and a line in `kinds.KINDS`.
"""
