from . import workflow
