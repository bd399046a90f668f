from . import test_itsm_workflow
from . import test_customer
from . import test_ticket_access
