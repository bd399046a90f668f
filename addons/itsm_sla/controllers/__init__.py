from . import portal_agreements
from . import portal_service_reports
