from . import change_calendar
from . import portal_changes
from . import portal_releases
