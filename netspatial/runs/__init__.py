"""Runs on disk: request, manifest, progress and results of planning, operation and training.

Below `cli` and `ui`. Interface for code that shows runs:

- `jobs.run.Run.open(folder)` reads a run: `.manifest` (kind, request, facts, stages with seconds),
  `.progress()` (state waiting | running | finished | failed | cancelled | interrupted; stage,
  message, number of stages, done of total; `.share` of the whole; `.error`, one sentence),
  `.cancel()`, `.delete()`. `run.list_runs(folder)` lists a runs folder, `run.new_folder(...)`
  returns the path of a new one.
- `kinds.plan_request.submit(make_request(...))` checks the inputs and creates a waiting run;
  `jobs.worker.start(folder)` starts or resumes it in another process; `worker.attach(folder)` polls
  it: `.progress`, and `.ahead`, the number of runs before it in the queue. Neither imports torch.
  `worker.warm_up(runs)` makes a worker load the bundled models in advance.
- `kinds.planning.plan_sites(...)` does all of this in the calling process.
  `kinds.plan_result.PlanRun.open(folder)` reads the result; `.rerank(...)` ranks again without
  generating or writing.
- `kinds.operating.schedule_sleep(...)`, `kinds.operating_request` and
  `kinds.operating_result.OperateRun` are the same for operating stations.
- `kinds.policy_comparison.submit(run)` compares policies on an operating run and computes its
  trade-off curve; `kinds.simulating` simulates a city, `kinds.finetuning` adapts a model,
  `kinds.forecasting` forecasts the last measured hours of several services.
- `exports.EXPORTS` writes a result in other formats; `report.write_report` the HTML report.

A new kind of run is a list of `jobs.stages.Stage` in its own file and a line in
`kinds.registry.KINDS`.
"""
