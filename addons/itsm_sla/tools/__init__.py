from . import clock
from . import clock_reading
from . import wall_clock
from . import working_time
