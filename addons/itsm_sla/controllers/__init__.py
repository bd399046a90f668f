from . import portal_agreements
from . import portal_complaint
from . import portal_rating
from . import portal_service_reports
