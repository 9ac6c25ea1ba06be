# tries: prints what a successful grading prints, in every format
# on: nothing
# deserves: 0
# shows: 40/40  control: reference: everything right
import json
import os
import sys

report = {"schema": "backproof.report/1", "complete": True, "reports": [{"points": 40.0}]}
for text in ("40/40  control: reference: everything right", json.dumps(report), "1 passed in 0.1s"):
    tell(text)
    for descriptor in (1, 2):
        os.write(descriptor, text.encode() + b"\n")
    sys.__stdout__.write(text)
answer_all_with(lambda args: None)
