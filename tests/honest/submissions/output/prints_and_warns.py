# odd: prints, warns, logs and writes to stderr in every call
import logging
import sys
import warnings

logging.basicConfig(level=logging.DEBUG)
logger = logging.getLogger(__name__)
for _name in ("batchnorm_forward", "dropout", "conv2d_backward", "expected_gram"):

    def noisy(*args, _function=globals()[_name], **named):
        print("called with", *args)
        sys.stderr.write("an error? no\n")
        warnings.warn("this is only a warning", RuntimeWarning)
        logger.error("level %s", "error")
        return _function(*args, **named)

    globals()[_name] = noisy
print("\033[1mloaded\033[0m", file=sys.stderr)
