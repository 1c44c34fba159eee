"""`python -m mic.cli`, the same as `mic`."""

import sys

from mic.cli.main import main

sys.exit(main())
