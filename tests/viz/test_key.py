import re

from netspatial.viz.key import KeyEntry, key_html
from netspatial.viz.schedule_charts import STATE_NAMES
from netspatial.viz.schedule_map import map_key, state_key


def test_a_key_shows_each_mark_before_its_meaning() -> None:
    html = key_html(KeyEntry("asleep", "rgb(1, 2, 3)"), KeyEntry("site", kind="ns-site", label="1"))
    assert re.findall(r"<i[^>]*>[^<]*</i>\w+", html) == [
        '<i style="background:rgb(1, 2, 3)"></i>asleep',
        '<i class="ns-site">1</i>site',
    ]


def test_the_key_of_the_map_names_every_state_and_the_flows() -> None:
    assert all(f"</i>{name}\n" in state_key() for name in STATE_NAMES.values())
    assert map_key().count("<i") == state_key().count("<i") + 1
