# Mixins come first: a model must find what it inherits.
from . import itsm_record_mixin
from . import itsm_workflow_mixin
from . import ir_sequence
from . import itsm_ci
from . import itsm_ci_class
from . import itsm_service
from . import itsm_priority_rule
from . import itsm_resolution_code
from . import itsm_ticket_span
from . import helpdesk_ticket_stage
from . import helpdesk_ticket_team
from . import itsm_ticket_dates_mixin
from . import helpdesk_ticket
from . import helpdesk_ticket_state
from . import helpdesk_ticket_family
