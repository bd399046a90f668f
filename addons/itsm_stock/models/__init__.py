from . import product_template
from . import stock_location
from . import itsm_ci
from . import stock_lot
from . import stock_move
from . import stock_move_line
from . import itsm_asset_reconciliation
