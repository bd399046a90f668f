from . import wall_clock
from . import working_time
