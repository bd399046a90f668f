from . import itsm_ci
from . import stock_lot
