# Mixins come first: a model must find what it inherits.
from . import itsm_record_mixin
from . import itsm_workflow_mixin
from . import ir_sequence
from . import itsm_ci
from . import itsm_ci_class
from . import itsm_service
