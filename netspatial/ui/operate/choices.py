"""Settings of a schedule: period, policy, power models, QoE and forecast.

They take effect with the next run; the defaults are those of the run that is shown.
"""

from typing import Any

import streamlit as st

from netspatial.forecast import FORECASTERS
from netspatial.operate.policies import POLICIES
from netspatial.operate.power import POWER
from netspatial.runs.kinds.operating_request import OperateRequest
from netspatial.ui.components.scenarios import pick_scenario

POLICY_NAMES = {
    "greedy": "Greedy (energy-aware)",
    "rolling": "Rolling, re-planned every 6 h",
    "milp": "Exact (mixed-integer), slow",
    "chance": "Chance-constrained, slow",
    "swes": "SWES, least impact first",
    "threshold": "Threshold on load",
    "static-night": "Fixed night hours",
    "paper": "Paper's load control, no sleep",
    "always-on": "Always on",
    "oracle": "Oracle (perfect information)",
}
FORECASTER_NAMES = {
    "combined": "Generator and mean week",
    "generator": "Generator",
    "sim-mstnet": "Sim-MSTNet, pretrained",
    "persistence": "Same as last hour",
    "seasonal-naive": "Same as last week",
    "hour-of-week": "Mean week",
    "exponential-smoothing": "Exponential smoothing",
}
CHALLENGE = "5G energy consumption challenge (ITU AI/ML in 5G, 2023, Huawei data)"
"""Data that the power models `itu-` are fitted to; they are not an ITU recommendation."""
MODES = {"backtest": "Back-test on recent hours", "forecast": "Upcoming hours"}
HORIZONS = {24: "1 day", 48: "2 days", 168: "1 week"}
SAME = "as the others"
FIRST = OperateRequest(city="", stations=(), mode="backtest", hours=24, samples=8)
"""Default settings: a quick run that is evaluated with measured traffic."""
QOE = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)


def chosen(shown: OperateRequest | None) -> dict[str, Any]:
    """Return the settings that the user makes, as fields of `OperateRequest`."""
    base = shown or FIRST
    st.subheader("Hours", anchor=False)
    mode = _select(
        "Period",
        MODES,
        base.mode,
        "op-mode",
        "A back-test schedules on forecasts and "
        "is evaluated with the measured traffic of these hours. For upcoming hours only "
        "the forecast is known.",
    )
    hours = _select(
        "Duration",
        {**HORIZONS, base.hours: f"{base.hours} hours", **HORIZONS},
        base.hours,
        "op-hours",
    )
    st.subheader("Schedule", anchor=False)
    policies = {name: POLICY_NAMES.get(name, name) for name in POLICIES}
    policy = _select(
        "Policy",
        policies,
        base.policy,
        "op-policy",
        "Decides which stations sleep. A station only sleeps if its neighbours can cover it.",
    )
    qoe = st.select_slider(
        "Traffic served, at least",
        sorted({*QOE, base.qoe_min}),
        value=base.qoe_min,
        format_func=lambda part: f"{100 * part:g} %",
        key="op-qoe",
        bind="query-params",
        help="Minimum quality of experience (QoE): the share of all traffic to serve (Eq. 20).",
    )
    names = {name: power_name(name) for name in POWER}
    power = _select(
        "Power model",
        _with(names, base.power),
        base.power,
        "op-power",
        "Power of a station at each load, and asleep.",
    )
    small = _select(
        "Power model of capacity stations",
        {SAME: "Same as above", **_with(names, base.small_power)},
        base.small_power or SAME,
        "op-small",
    )
    scenario = pick_scenario("op-scenario", base.scenario)
    st.subheader("Forecast", anchor=False)
    forecaster = _select(
        "Forecast method",
        {n: FORECASTER_NAMES.get(n, n) for n in FORECASTERS},
        base.forecaster,
        "op-forecaster",
    )
    left, right = st.columns(2)
    samples = left.number_input(
        "Samples",
        2,
        64,
        base.samples,
        key="op-samples",
        bind="query-params",
        help="Number of samples of the forecast.",
    )
    seed = right.number_input(
        "Seed",
        0,
        2**31 - 1,
        base.seed,
        key="op-seed",
        bind="query-params",
        help="The same seed and settings give the same result.",
    )
    return {
        "mode": mode,
        "hours": int(hours),
        "policy": policy,
        "policy_params": base.policy_params if policy == base.policy else {},
        "power": power,
        "small_power": None if small == SAME else small,
        "lead_h": base.lead_h,
        "qoe_min": float(qoe),
        "forecaster": forecaster,
        "samples": int(samples),
        "seed": int(seed),
        "service": base.service,
        "buildings": base.buildings,
        "scenario": scenario,
    }


def changed(settings: dict[str, Any], shown: OperateRequest) -> list[str]:
    """Return the names of the settings that differ from those of the shown run."""
    words = {
        "mode": "period",
        "hours": "duration",
        "policy": "policy",
        "power": "power model",
        "small_power": "power model of capacity stations",
        "qoe_min": "traffic served",
        "forecaster": "forecast method",
        "samples": "samples",
        "seed": "seed",
        "scenario": "scenario",
    }
    return [word for name, word in words.items() if settings[name] != getattr(shown, name)]


def power_name(name: str) -> str:
    """Return the title of a power model: 'EARTH macro' for 'earth-macro'."""
    family, _, rest = name.partition("-")
    if family == "itu":
        return f"{rest.replace('type', 'Type ')}, {CHALLENGE}"
    known = {"earth": "EARTH", "tr38864": "3GPP TR 38.864"}
    return f"{known.get(family, family)} {rest.replace('-', ' ')}".strip()


def _select(label: str, options: dict[Any, str], value: Any, key: str, tip: str = "") -> Any:
    names = list(_with(options, value))
    return st.selectbox(
        label,
        names,
        index=names.index(value),
        format_func=lambda name: options.get(name, name),
        key=key,
        bind="query-params",
        filter_mode=None,
        help=tip or None,
    )


def _with(options: dict[Any, str], value: Any) -> dict[Any, str]:
    """Return the options including the value of the shown run."""
    return options if value is None or value in options else {**options, value: str(value)}
