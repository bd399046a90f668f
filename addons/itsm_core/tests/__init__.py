from . import test_itsm_workflow
from . import test_customer
from . import test_ticket_access
from . import test_ticket_priority
from . import test_ticket_spans
from . import test_ticket_state
from . import test_history_file
from . import test_history_timeline
