"""Time zone of a simulated town: that of a real place at its longitude and latitude.

All are whole hours from UTC. North of 25 degrees and west of 37.5 degrees east they have daylight
saving time, about 40 % of the towns, so that a month in spring or autumn may include a DST change.
"""

DAYLIGHT_SAVING_FROM = 25.0
"""Degrees north from which the northern zone of an offset is taken."""

ZONES: dict[int, tuple[str, str]] = {
    -8: ("Pacific/Pitcairn", "America/Los_Angeles"),
    -7: ("America/Hermosillo", "America/Denver"),
    -6: ("America/Guatemala", "America/Chicago"),
    -5: ("America/Panama", "America/New_York"),
    -4: ("America/Puerto_Rico", "America/Halifax"),
    -3: ("America/Cayenne", "America/Miquelon"),
    -2: ("America/Noronha", "America/Nuuk"),
    -1: ("Atlantic/Cape_Verde", "Atlantic/Azores"),
    0: ("Africa/Abidjan", "Europe/London"),
    1: ("Africa/Lagos", "Europe/Rome"),
    2: ("Africa/Khartoum", "Europe/Athens"),
    3: ("Asia/Riyadh", "Europe/Istanbul"),
    4: ("Asia/Dubai", "Asia/Baku"),
    5: ("Asia/Karachi", "Asia/Tashkent"),
    6: ("Asia/Dhaka", "Asia/Bishkek"),
    7: ("Asia/Bangkok", "Asia/Krasnoyarsk"),
    8: ("Asia/Manila", "Asia/Shanghai"),
    9: ("Pacific/Palau", "Asia/Tokyo"),
    10: ("Pacific/Guam", "Asia/Vladivostok"),
}
"""Zone of each standard offset from UTC, hours: south of DAYLIGHT_SAVING_FROM, and north of it."""


def zone_at(longitude: float, latitude: float) -> str:
    """Return the IANA name of the zone whose standard time is nearest to the sun's."""
    south, north = ZONES[round(longitude / 15)]
    return north if latitude >= DAYLIGHT_SAVING_FROM else south
