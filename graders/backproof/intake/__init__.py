"""What a course has collected, as its platform hands it out: archives, folders, single files."""

from backproof.intake.taking import Scratch, scratch, take_in

__all__ = ["Scratch", "scratch", "take_in"]
