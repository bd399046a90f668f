"""Reading local dates and times of a file as moments in UTC.

No Odoo in here. Moments are naive ``datetime`` values in UTC, as Odoo keeps them.
"""

from datetime import datetime, timezone

from .zones import get_zone

#: Name of the date format for ISO 8601, with or without an offset.
ISO = "iso"
#: Ticket systems are younger than this; an earlier year is a slip.
FIRST_YEAR = 1970


class LocalClock:
    """Turns what a file says about time into UTC.

    Results are remembered, as files repeat the same minutes many times over.
    """

    def __init__(self, timezone_name, date_format):
        """
        :param str timezone_name: IANA name of the zone of times without offset
        :param str date_format: as for ``strptime``, or :data:`ISO`. Seconds may
            follow where the format ends with minutes.
        :raise zoneinfo.ZoneInfoNotFoundError: for an unknown zone
        """
        self._zone = get_zone(timezone_name)
        formats = [date_format]
        if date_format.endswith("%H:%M"):
            formats.append(date_format + ":%S")
        self._formats = formats
        self._known = {}

    def interpret(self, text):
        """Return what a text can mean: ``(first, second, quality)``.

        ``quality`` is None for an ordinary time, "ambiguous" for one that the
        clock showed twice (``second`` is then the later moment), and "missing"
        for one that was skipped when the clock went forward, which is taken as
        if it had not yet gone forward.

        :param str text: as in the file
        :return: naive UTC moments
        :raise ValueError: where the text is no date that exists
        """
        result = self._known.get(text)
        if result is None:
            if len(self._known) > 200_000:
                self._known.clear()
            try:
                result = self._convert(text)
            except (ValueError, OverflowError):
                result = ()
            self._known[text] = result
        if not result:
            raise ValueError(text)
        return result

    def format(self, moment):
        """Return a moment (naive UTC) in the zone and the format of the file."""
        local = moment.replace(tzinfo=timezone.utc).astimezone(self._zone)
        if self._formats[0] == ISO:
            return local.isoformat(sep=" ", timespec="minutes")
        return local.strftime(self._formats[0])

    def _convert(self, text):
        moment = self._parse(text).replace(microsecond=0)
        if moment.year < FIRST_YEAR:
            raise ValueError(text)
        if moment.tzinfo is not self._zone:
            utc = _to_utc(moment)
            return utc, utc, None
        first = _to_utc(moment.replace(fold=0))
        second = _to_utc(moment.replace(fold=1))
        if first == second:
            return first, first, None
        # In the hour that is skipped, zoneinfo gives the later moment for fold 0.
        if first < second:
            return first, second, "ambiguous"
        return first, first, "missing"

    def _parse(self, text):
        """Return a date with the offset it states, or else with the file's zone."""
        date_format = self._formats[0]
        if date_format == ISO:
            # Python 3.10 does not know the short form for UTC.
            if text[-1:] in "Zz":
                text = text[:-1] + "+00:00"
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)
        if "%z" in date_format:
            return datetime.strptime(text, date_format).astimezone(timezone.utc)
        try:
            return datetime.strptime(text, date_format).replace(tzinfo=self._zone)
        except ValueError:
            if len(self._formats) == 1:
                raise
        return datetime.strptime(text, self._formats[1]).replace(tzinfo=self._zone)


def _to_utc(moment):
    return moment.astimezone(timezone.utc).replace(tzinfo=None)
