from datetime import datetime, timezone
from zoneinfo import ZoneInfoNotFoundError

import pytz
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.zones import get_zone


@tagged("post_install", "-at_install")
class TestZones(BaseCase):
    """Time zones are those of Odoo, whatever edition the machine has."""

    @given(
        st.sampled_from(sorted(pytz.common_timezones)),
        # Beyond 2037, pytz knows no more summers.
        st.datetimes(datetime(1970, 1, 2), datetime(2037, 1, 1)),
    )
    def test_every_zone_says_what_odoo_shows(self, name, moment):
        moment = moment.replace(tzinfo=timezone.utc)
        expected = moment.astimezone(pytz.timezone(name)).replace(tzinfo=None)
        self.assertEqual(
            moment.astimezone(get_zone(name)).replace(tzinfo=None, fold=0), expected
        )

    def test_an_unknown_zone_is_refused(self):
        for name in ("Europe/Atlantis", "", "../etc/passwd", "Europe"):
            with self.assertRaises(ZoneInfoNotFoundError):
                get_zone(name)
