from . import itsm_sla_recalculation
