from . import itsm_agreement
from . import itsm_agreement_revision
from . import itsm_agreement_target
from . import itsm_sla_clock
from . import itsm_sla_clock_sync
from . import helpdesk_ticket
from . import resource_calendar
