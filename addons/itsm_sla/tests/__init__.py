from . import test_agreement_access
from . import test_agreement_choice
from . import test_clock
from . import test_clock_properties
from . import test_itsm_agreement
from . import test_sla_clock
from . import test_working_time
from . import test_working_time_odoo
