from . import itsm_ci
from . import itsm_demo_purchases
from . import stock_lot
from . import purchase_order
