"""Domain randomisation: the parameter ranges of simulated cities, in two families.

`train` and `unseen` have disjoint ranges in each parameter that is split, so that `unseen` cities
are out of distribution for a model trained on the family `train`.
"""

from dataclasses import dataclass
from typing import Literal

from netspatial.randomness import stream

Family = Literal["train", "unseen"]
Range = tuple[float, float]


@dataclass(frozen=True)
class ParameterRange:
    """One parameter: its meaning with the unit, and the range of each family."""

    meaning: str
    train: Range
    unseen: Range


Section = Literal["land", "image", "pois", "stations", "traffic"]

RANGES: dict[Section, dict[str, ParameterRange]] = {
    "land": {
        "latitude": ParameterRange("degrees north", (10.0, 58.0), (10.0, 58.0)),
        "longitude": ParameterRange("degrees east", (-120.0, 145.0), (-120.0, 145.0)),
        "spread_m": ParameterRange(
            "metres over which centrality falls to 1/e", (2300.0, 3300.0), (1700.0, 2200.0)
        ),
        "edge": ParameterRange(
            "centrality at which the built-up area ends", (0.08, 0.15), (0.08, 0.15)
        ),
        "centres": ParameterRange("centres of the city, rounded down", (1.0, 4.99), (1.0, 4.99)),
        "villages_per_100_km2": ParameterRange(
            "small places around the city", (1.0, 4.0), (1.0, 4.0)
        ),
        "district_m": ParameterRange(
            "metres between the middles of districts", (850.0, 1150.0), (1250.0, 1600.0)
        ),
        "block_length_m": ParameterRange(
            "metres between cross streets", (120.0, 160.0), (170.0, 220.0)
        ),
        "block_depth_m": ParameterRange("metres between long streets", (72.0, 98.0), (72.0, 98.0)),
        "grown_share": ParameterRange(
            "share of districts with bent streets", (0.15, 0.5), (0.55, 0.85)
        ),
        "grid_share": ParameterRange(
            "share of districts on one common grid", (0.1, 1.0), (0.1, 1.0)
        ),
        "radials": ParameterRange("arterials from the main centre", (4.6, 8.4), (4.6, 8.4)),
        "rings": ParameterRange("ring roads, rounded", (-0.4, 2.4), (-0.4, 2.4)),
        "river": ParameterRange("a river where above 0.25", (0.0, 1.0), (0.0, 1.0)),
        "river_m": ParameterRange("metres across the river", (70.0, 190.0), (210.0, 380.0)),
        "coast": ParameterRange("a coast where above 0.62", (0.0, 1.0), (0.0, 1.0)),
        "lake_share": ParameterRange(
            "share of the land under lakes", (0.001, 0.012), (0.001, 0.012)
        ),
        "wood_share": ParameterRange("share of woods outside the city", (0.08, 0.4), (0.08, 0.4)),
        "parcel_m": ParameterRange("metres across a field", (60.0, 110.0), (120.0, 210.0)),
        "campuses": ParameterRange("university campuses, rounded down", (2.0, 5.99), (2.0, 5.99)),
        "share_office": ParameterRange("share of the built-up land", (0.05, 0.11), (0.05, 0.11)),
        "share_commercial": ParameterRange(
            "share of the built-up land", (0.06, 0.11), (0.06, 0.11)
        ),
        "share_entertainment": ParameterRange(
            "share of the built-up land", (0.02, 0.05), (0.02, 0.05)
        ),
        "share_industrial": ParameterRange(
            "share of the built-up land", (0.07, 0.17), (0.07, 0.17)
        ),
        "share_university": ParameterRange(
            "share of the built-up land", (0.01, 0.028), (0.01, 0.028)
        ),
        "share_transport": ParameterRange("share of the built-up land", (0.02, 0.04), (0.02, 0.04)),
        "share_park": ParameterRange("share of the built-up land", (0.05, 0.13), (0.05, 0.13)),
    },
    "image": {
        "dryness": ParameterRange("0 lush green, 1 dry summer", (0.0, 0.5), (0.58, 1.0)),
        "turbidity": ParameterRange("0 clear dark water, 1 silty", (0.0, 1.0), (0.0, 1.0)),
        "glint": ParameterRange(
            "sunlight mirrored by water, grey levels", (0.0, 12.0), (0.0, 12.0)
        ),
        "sun_elevation": ParameterRange("degrees above the horizon", (46.0, 64.0), (32.0, 42.0)),
        "sun_azimuth": ParameterRange(
            "degrees from north, clockwise", (115.0, 165.0), (190.0, 235.0)
        ),
        "red_roofs": ParameterRange("share of tiled roofs on houses", (0.1, 0.6), (0.1, 0.85)),
        "greenery": ParameterRange("how green gardens and streets are", (0.35, 0.9), (0.2, 0.7)),
        "haze": ParameterRange("share of light scattered by the air", (0.03, 0.11), (0.13, 0.21)),
        "blur_m": ParameterRange("sigma of the sensor's blur, metres", (1.5, 3.0), (1.5, 3.0)),
        "sensor_noise": ParameterRange("grey levels, standard deviation", (0.8, 2.2), (0.8, 2.2)),
        "gain": ParameterRange("overall brightness", (0.97, 1.12), (0.97, 1.12)),
        "contrast": ParameterRange("contrast around the mean", (0.98, 1.2), (0.98, 1.2)),
        "cast_red": ParameterRange("gain of the red band", (0.98, 1.03), (0.98, 1.03)),
        "cast_blue": ParameterRange("gain of the blue band", (0.93, 1.01), (0.93, 1.01)),
        "saturation": ParameterRange("saturation of the colours", (0.75, 1.0), (0.75, 1.0)),
        "vignetting": ParameterRange("fall of light to the corners", (0.0, 0.06), (0.0, 0.06)),
    },
    "pois": {
        "dropout": ParameterRange("share of places that are not mapped", (0.0, 0.35), (0.35, 0.6)),
        "mapping_m": ParameterRange(
            "correlation length of mapping, metres", (700.0, 1800.0), (700.0, 1800.0)
        ),
        "clustering": ParameterRange("log-sd of places beyond land use", (0.5, 1.0), (0.5, 1.0)),
        "clustering_m": ParameterRange("size of clusters, metres", (120.0, 350.0), (120.0, 350.0)),
        "busy_power": ParameterRange("exponent of intensity for places", (1.0, 1.8), (1.0, 1.8)),
        "chain_share": ParameterRange("share of shops of a chain", (0.10, 0.22), (0.22, 0.35)),
        "nameless_share": ParameterRange("share without a name", (0.02, 0.10), (0.02, 0.10)),
        "addressless_share": ParameterRange("share without an address", (0.1, 0.3), (0.3, 0.5)),
    },
    "stations": {
        "gamma": ParameterRange("exponent of demand for stations", (0.50, 0.72), (0.72, 0.90)),
        "intensity_power": ParameterRange(
            "exponent of intensity for demand", (1.1, 1.7), (1.1, 1.7)
        ),
        "popularity_sd": ParameterRange(
            "log-sd of station density given demand", (0.25, 0.5), (0.25, 0.5)
        ),
        "popularity_m": ParameterRange(
            "correlation length of that, metres", (500.0, 2000.0), (500.0, 2000.0)
        ),
        "repulsion": ParameterRange(
            "minimum distance, in mean spacings", (0.50, 0.68), (0.42, 0.50)
        ),
        "coverage_share": ParameterRange("share of coverage stations", (0.15, 0.25), (0.15, 0.25)),
        "nr_share": ParameterRange("share of capacity stations with NR", (0.3, 0.9), (0.3, 0.9)),
        "capacity_reach_m": ParameterRange(
            "reach of capacity stations, metres", (240.0, 330.0), (240.0, 330.0)
        ),
        "coverage_reach_m": ParameterRange(
            "reach of coverage stations, metres", (380.0, 520.0), (380.0, 520.0)
        ),
    },
    "traffic": {
        "level_gb_h": ParameterRange(
            "GB/h of a station at reference demand", (6.5, 9.5), (6.5, 9.5)
        ),
        "level_power": ParameterRange(
            "exponent of demand density for levels", (0.55, 0.75), (0.55, 0.75)
        ),
        "share_power": ParameterRange(
            "exponent of the served share for levels", (0.15, 0.35), (0.15, 0.35)
        ),
        "level_sd": ParameterRange(
            "log-sd of levels given the surroundings", (0.36, 0.48), (0.36, 0.48)
        ),
        "level_range_m": ParameterRange(
            "correlation length of levels, metres", (800.0, 2000.0), (800.0, 2000.0)
        ),
        "headroom": ParameterRange("capacity over expected peak, median", (2.0, 2.8), (2.0, 2.8)),
        "passing_share": ParameterRange(
            "share of a site's demand from passers-by", (0.08, 0.20), (0.08, 0.20)
        ),
        "clock_h": ParameterRange("delay of the daily profile, hours", (-0.14, 0.02), (0.02, 0.14)),
        "night": ParameterRange(
            "share of traffic constant over the day", (0.05, 0.11), (0.03, 0.05)
        ),
        "sharpness": ParameterRange("exponent on the daily shapes", (0.88, 0.97), (0.97, 0.99)),
        "weekend": ParameterRange("factor on weekends", (0.97, 1.07), (0.97, 1.07)),
        "phase_sd_h": ParameterRange(
            "sd of a station's phase shift, hours", (0.20, 0.35), (0.20, 0.35)
        ),
        "evenness_sd": ParameterRange(
            "log-sd of a station's sharpness", (0.05, 0.10), (0.05, 0.10)
        ),
        "noise_sd": ParameterRange(
            "log-sd of the hourly residual, median station", (0.172, 0.217), (0.172, 0.217)
        ),
        "noise_spread": ParameterRange("log-sd of that between stations", (0.35, 0.5), (0.35, 0.5)),
        "noise_memory": ParameterRange(
            "AR(1) coefficient of the hourly residual", (0.5, 0.72), (0.72, 0.85)
        ),
        "noise_tails": ParameterRange("degrees of freedom of shocks", (4.0, 8.0), (4.0, 8.0)),
        "noise_range_m": ParameterRange(
            "correlation length of residuals, metres", (350.0, 700.0), (350.0, 700.0)
        ),
        "drift_sd": ParameterRange(
            "log-sd of the slow drift of levels", (0.07, 0.12), (0.07, 0.12)
        ),
        "day_sd": ParameterRange("log-sd between days", (0.05, 0.085), (0.05, 0.085)),
        "growth_per_month": ParameterRange("growth in 28 days", (0.0, 0.03), (0.0, 0.03)),
        "venues_per_100_km2": ParameterRange(
            "halls, stadiums, showgrounds", (4.0, 14.0), (4.0, 14.0)
        ),
        "events_per_month": ParameterRange("events of a venue in 28 days", (0.5, 2.0), (0.5, 2.0)),
        "holidays_per_month": ParameterRange(
            "public holidays on working days", (0.0, 1.2), (0.0, 1.2)
        ),
        "outages_per_month": ParameterRange(
            "outages of a station in 28 days", (0.05, 0.3), (0.05, 0.3)
        ),
        "calls_per_gb": ParameterRange("calls for each GB, on average", (5.0, 12.0), (5.0, 12.0)),
        "sms_per_gb": ParameterRange("messages for each GB, on average", (2.0, 9.0), (2.0, 9.0)),
    },
}


def draw(seed: int, family: Family, section: Section) -> dict[str, float]:
    """Draw one section's parameters, each from its own named stream.

    Parameters
    ----------
    seed : int
        Seed of the city.
    family : str
        "train" or "unseen".
    section : str
        "land", "image", "pois", "stations" or "traffic".

    Returns
    -------
    dict of float
        Value of each parameter of `RANGES`, where its unit is stated.

    Examples
    --------
    >>> 32.0 <= draw(7, "unseen", "image")["sun_elevation"] <= 42.0
    True
    """
    drawn = {}
    for name, parameter in RANGES[section].items():
        low, high = parameter.train if family == "train" else parameter.unseen
        drawn[name] = float(stream(seed, "parameters", section, name).uniform(low, high))
    return drawn
