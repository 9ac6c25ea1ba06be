# odd: reads arguments of a command line, and ends under __main__ with its own tests
import argparse
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
options = parser.parse_args()
assert options.epochs == 3
assert len(sys.argv) == 1


def main():
    raise SystemExit(batchnorm_inference)


if __name__ == "__main__":
    main()
