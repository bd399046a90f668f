from . import itsm_acceptance_refusal
