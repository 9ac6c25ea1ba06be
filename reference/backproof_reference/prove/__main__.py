"""``python -m backproof_reference.prove``: the command ``backproof-prove``."""

import sys

from backproof_reference.command.main import main

if __name__ == "__main__":
    sys.exit(main())
