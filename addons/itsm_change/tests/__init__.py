from . import test_change_approval
from . import test_change_collision
from . import test_change_collision_properties
from . import test_change_task
from . import test_change_template
from . import test_change_window
from . import test_change_workflow
from . import test_demo_changes
