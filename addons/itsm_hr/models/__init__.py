from . import itsm_employee_items_mixin
from . import hr_employee
from . import hr_version
from . import res_partner
