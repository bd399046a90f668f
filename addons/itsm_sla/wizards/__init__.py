from . import itsm_service_report_wizard
from . import itsm_sla_miss_wizard
from . import itsm_sla_recalculation
