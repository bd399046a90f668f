from . import test_article
from . import test_article_access
from . import test_article_portal
from . import test_article_search
from . import test_article_text
from . import test_article_ticket
from . import test_demo_articles
from . import test_knowledge_journey
