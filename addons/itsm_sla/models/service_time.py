"""How lengths of service time are written: everywhere alike."""


def format_service_time(env, seconds):
    """Return a length of service time in hours and minutes, as "59 h 00 min".

    Not in days: a day of service time has as many hours as its calendar says, and who
    reads "2 days" thinks of 48. What is left over of a minute is cut off.

    :param int seconds: not negative
    :rtype: str
    """
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return env._("%(minutes)s min", minutes=minutes)
    return env._("%(hours)s h %(minutes)s min", hours=hours, minutes=f"{minutes:02}")
