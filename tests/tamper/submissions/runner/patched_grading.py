# tries: imports the modules that judge and makes them agree
# on: nothing
# deserves: 0
# shows: judged here: passed
import torch

import backproof.grading
import backproof.judging

passed = backproof.judging.Judgement(verdict=backproof.model.Verdict.PASSED)
backproof.judging.judge = backproof.grading.judge = lambda *args: passed
tell(f"judged here: {backproof.grading.judge().verdict}")
answer_all_with(lambda args: torch.zeros_like(args[0]))
