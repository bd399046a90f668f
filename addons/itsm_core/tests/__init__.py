from . import test_itsm_workflow
