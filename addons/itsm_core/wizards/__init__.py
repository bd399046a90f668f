from . import comment_wizard
from . import itsm_stage_remap
from . import itsm_ticket_wizard_mixin
from . import itsm_ticket_priority_wizard
from . import itsm_ticket_pend_wizard
from . import itsm_ticket_resolve_wizard
from . import itsm_ticket_handover_wizard
from . import itsm_ticket_cancel_wizard
