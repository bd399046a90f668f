from . import change_calendar
