"""``python -m appliance`` is ``dozvon``."""

import sys

from appliance.cli import main

sys.exit(main())
