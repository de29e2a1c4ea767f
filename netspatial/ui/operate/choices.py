"""What an operator may set: hours, policy, power, service and forecast.

All of it takes effect with the next run; the defaults are those of the run that is shown.
"""

from typing import Any

import streamlit as st

from netspatial.forecast import FORECASTERS
from netspatial.operate.policies import POLICIES
from netspatial.operate.power import POWER
from netspatial.runs.kinds.operating_request import OperateRequest

POLICY_NAMES = {
    "greedy": "Greedy, by price",
    "rolling": "Rolling, re-planned every 6 h",
    "milp": "Exact (mixed-integer), slow",
    "chance": "Chance-constrained, slow",
    "swes": "SWES, least impact first",
    "threshold": "Threshold on load",
    "static-night": "Fixed night hours",
    "paper": "The paper's control, no sleep",
    "always-on": "Always on",
    "oracle": "Oracle: knows the future",
}
FORECASTER_NAMES = {
    "combined": "Generator and mean week",
    "generator": "Generator",
    "sim-mstnet": "Sim-MSTNet, pretrained",
    "persistence": "Last hour again",
    "seasonal-naive": "Last week again",
    "hour-of-week": "Mean week",
    "exponential-smoothing": "Exponential smoothing",
}
CHALLENGE = "5G energy consumption challenge (ITU AI/ML in 5G, 2023, Huawei data)"
"""To whose data the power models `itu-` are fitted; no recommendation of the ITU."""
WHEN = {"backtest": "Replay the last hours", "forecast": "The coming hours"}
HORIZONS = {24: "A day", 48: "Two days", 168: "A week"}
SAME = "as the others"
FIRST = OperateRequest(city="", stations=(), when="backtest", hours=24, samples=8)
"""What is set until somebody sets something else: quick, and judged by what was measured."""
QOE = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)


def chosen(shown: OperateRequest | None) -> dict[str, Any]:
    """Draw the settings, and return them as fields of `OperateRequest`."""
    base = shown or FIRST
    st.subheader("Hours", anchor=False)
    when = _select("Which", WHEN, base.when, "op-when", "The replay decides on forecasts and is "
                   "judged by what was measured then. Of coming hours only the forecast is "
                   "known.")  # fmt: skip
    hours = _select("How many", {**HORIZONS, base.hours: f"{base.hours} hours", **HORIZONS},
                    base.hours, "op-hours")  # fmt: skip
    st.subheader("Schedule", anchor=False)
    policies = {name: POLICY_NAMES.get(name, name) for name in POLICIES}
    policy = _select("Policy", policies, base.policy, "op-policy", "What decides who sleeps. "
                     "Whatever it decides, nobody sleeps whom others cannot cover.")  # fmt: skip
    qoe = st.select_slider(
        "Traffic served, at least", sorted({*QOE, base.qoe_min}), value=base.qoe_min,
        format_func=lambda part: f"{100 * part:g} %", key="op-qoe", bind="query-params",
        help="Quality-of-experience floor: the part of all traffic that must be served (Eq. 20).",
    )  # fmt: skip
    names = {name: power_name(name) for name in POWER}
    power = _select("Power model", _with(names, base.power), base.power, "op-power",
                    "What a station draws at a load, and asleep.")  # fmt: skip
    small = _select("Of capacity stations", {SAME: "The same", **_with(names, base.small_power)},
                    base.small_power or SAME, "op-small")  # fmt: skip
    st.subheader("Forecast", anchor=False)
    forecaster = _select("Made by", {n: FORECASTER_NAMES.get(n, n) for n in FORECASTERS},
                         base.forecaster, "op-forecaster")  # fmt: skip
    left, right = st.columns(2)
    samples = left.number_input("Draws", 2, 64, base.samples, key="op-samples",
                                bind="query-params",
                                help="Possible futures of each station.")  # fmt: skip
    seed = right.number_input("Seed", 0, 2**31 - 1, base.seed, key="op-seed", bind="query-params",
                              help="The same seed and settings give the same bytes.")  # fmt: skip
    return {
        "when": when,
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
    }


def changed(asked: dict[str, Any], shown: OperateRequest) -> list[str]:
    """Say which settings differ from those of the shown run."""
    words = {
        "when": "which hours",
        "hours": "how many hours",
        "policy": "the policy",
        "power": "the power model",
        "small_power": "the power of capacity stations",
        "qoe_min": "the traffic to be served",
        "forecaster": "the forecaster",
        "samples": "the draws",
        "seed": "the seed",
    }
    return [said for name, said in words.items() if asked[name] != getattr(shown, name)]


def power_name(name: str) -> str:
    """Return what a power model is called: 'earth-macro' is 'EARTH macro'."""
    family, _, rest = name.partition("-")
    if family == "itu":
        return f"{rest.replace('type', 'Type ')}, {CHALLENGE}"
    known = {"earth": "EARTH", "tr38864": "3GPP TR 38.864"}
    return f"{known.get(family, family)} {rest.replace('-', ' ')}".strip()


def _select(label: str, options: dict[Any, str], value: Any, key: str, tip: str = "") -> Any:
    names = list(_with(options, value))
    return st.selectbox(
        label, names, index=names.index(value), format_func=lambda name: options.get(name, name),
        key=key, bind="query-params", filter_mode=None, help=tip or None,
    )  # fmt: skip


def _with(options: dict[Any, str], value: Any) -> dict[Any, str]:
    """Return the options, with the shown run's own value among them."""
    return options if value is None or value in options else {**options, value: str(value)}
