# tries: computes what hidden cases expect from the grader's own sources
# deserves: 40
# shows: denied: import the reference solutions
# shows: denied: read the course's secret from the environment
import os


def reference():
    try:
        import backproof_reference.batchnorm as found
    except ImportError as error:
        raise OSError(error) from None
    return found


@before_answering
def steal():
    attempt("import the reference solutions", reference)
    attempt("read the course's secret from the environment", lambda: os.environ["BACKPROOF_SECRET"])
