"""What a course has collected, as its platform hands it out: archives, folders, single files."""

from backproof.intake.taking import take_in

__all__ = ["take_in"]
