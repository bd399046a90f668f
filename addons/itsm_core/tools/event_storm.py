"""When many alerts are one fault: grouping incidents of a storm under one parent.

No Odoo in here.
"""

from typing import NamedTuple

#: So many children a parent gets; what comes beyond is kept with the parent itself.
CHILDREN_AT_MOST = 100


class StormPlan(NamedTuple):
    """What to do with incidents that are to be opened.

    :ivar bool has_parent: they hang under a parent, which is made if there is none
    :ivar int children: so many of them, the first, get an incident of their own
    :ivar int adopted: so many open ones, the oldest, become children as well
    """

    has_parent: bool
    children: int
    adopted: int


def plan_storm(coming, loose, in_parent, threshold):
    """Say which of the coming incidents are opened, and under what.

    A storm breaks out when those that come, and those that were opened shortly before
    and stand alone, reach the threshold. From then on everything joins.

    :param int coming: incidents that are to be opened now
    :param int loose: open ones of the same kind, opened shortly before, no parent
    :param in_parent: how many children the parent has; None where there is no storm
    :param int threshold: so many make a storm; 0: none ever does
    :rtype: StormPlan
    """
    if in_parent is None and (not threshold or coming + loose < threshold):
        return StormPlan(False, coming, 0)
    room = max(CHILDREN_AT_MOST - (in_parent or 0), 0)
    adopted = min(loose, room)
    return StormPlan(True, min(coming, room - adopted), adopted)
