from . import test_employee_items
