from . import portal_knowledge
