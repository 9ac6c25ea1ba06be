"""What a course has collected, as its platform hands it out: archives, folders, single files."""

from backproof.intake.taking import take_in
from backproof.intake.unpacked import Scratch, scratch

__all__ = ["Scratch", "scratch", "take_in"]
