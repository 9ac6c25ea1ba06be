# tries: puts an importer of its own before all others, and files named like libraries
# on: nothing
# deserves: 0
# shows: asked my importer for a_module_that_nobody_has
import os
import sys


class Importer:
    def find_spec(self, name, path=None, target=None):
        TOLD.append(f"asked my importer for {name}")


sys.meta_path.insert(0, Importer())
for name in ("torch", "numpy", "conftest", "sitecustomize", "usercustomize", "pytest"):
    with open(f"{name}.py", "w") as file:
        file.write("raise SystemExit(0)\n")
sys.path.insert(0, os.getcwd())
try:
    import a_module_that_nobody_has
except (ImportError, SystemExit):
    pass
answer_all_with(lambda args: None)
