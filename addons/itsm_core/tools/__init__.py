from . import history_clock
from . import history_file
from . import history_mapping
from . import history_spool
from . import history_timeline
from . import uninstall
from . import workflow
