"""``python -m stslab`` is ``stslab``."""

import os
import sys

# With -m Python looks for modules in the working folder first, which may be one that somebody has handed in.
# (os and no pathlib, which may be theirs as well.)
if not sys.flags.safe_path and os.path.realpath(sys.path[0]) != os.path.realpath(f"{__file__}/../.."):
    del sys.path[0]

from stslab.cli import main

if __name__ == "__main__":
    sys.exit(main())
