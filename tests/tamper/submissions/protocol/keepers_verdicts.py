# tries: reports faults that only the grader may report, so that a person decides
# deserves: 39
# shows: not a fault that a worker may report
from backproof.sandbox import wire, worker

real = worker.Worker._fault


def batchnorm_inference(*args, **kwargs):
    raise ValueError


def fault(self, failed, printed):
    if "batchnorm_inference" not in failed.message:
        return real(self, failed, printed)
    body = {"fault": "grader error", "message": "", "error": "", "trace": "", "printed": ""}
    return wire.pack(body, 0)


worker.Worker._fault = fault
