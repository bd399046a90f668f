from . import test_employee_items
from . import test_line_manager
