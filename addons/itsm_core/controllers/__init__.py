from . import event_intake
from . import export_fields
from . import portal_chatter
from . import portal_known_errors
from . import portal_ticket_form
from . import portal_ticket_moves
from . import portal_tickets
from . import portal_catalog
