"""Right but unusual answers on the statements."""

from backproof import Honest

HONEST = (
    Honest(
        id="other_spellings",
        why="numbers instead of strings, booleans, other forms",
        code="""
        eager = True
        augmentation_always = False
        adam_first_step = "lr*g/(eps + g)"
        bn_out_std = "gamma/sqrt(1 + eps/v)"
        conv10_macs = 86528000
        saving_16 = 5.76
        """,
    ),
)
