"""Wrong penalties, steps and readings, each with the sentence that a student reads."""

from backproof import Mutant

WRITE_UP = "a homework write-up, lab 2 (c)"


def _says(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), edit=(old, new)
    )


MUTANTS = (
    _edit("l1_penalty", "biases", "you penalise biases, too", " if p.ndim > 1]", "]"),
    _edit("l1_penalty", "means", "you add up means, not sums", "p.abs().sum()", "p.abs().mean()"),
    _edit("l1_penalty", "squares", "you add up squares", "p.abs().sum()", "p.square().sum()"),
    _edit("l1_penalty", "signed", "you left out the absolute values", "p.abs().sum()", "p.sum()"),
    _edit(
        "l1_penalty", "kernels_only", "linear layers have weights, too", "p.ndim > 1", "p.ndim > 2"
    ),
    _edit("l1_penalty", "no_strength", "you left out lam", "return lam * ", "return "),
    _edit(
        "weight_decay_step",
        "doubled",
        "the penalty has a factor 1/2, so its gradient is weight_decay times w",
        "lr * weight_decay)",
        "2 * lr * weight_decay)",
    ),
    _edit(
        "weight_decay_step",
        "without_lr",
        "the learning rate counts for the penalty as well",
        "(1 - lr * weight_decay)",
        "(1 - weight_decay)",
    ),
    _edit(
        "weight_decay_step",
        "growth",
        "your penalty lets weights grow",
        "(1 - lr",
        "(1 + lr",
    ),
    Mutant(
        id="weight_decay_step_in_place",
        of="weight_decay_step",
        misconception="you change the caller's weights: make a new tensor",
        killed_by=("weight_decay_step_unchanged",),
        code="""
        def weight_decay_step(w, grad, lr, weight_decay):
            w -= lr * (grad + weight_decay * w)
            return w
        """,
    ),
    _edit(
        "l1_step",
        "as_l2",
        "this is the pull of an L2 penalty: that of |w| does not depend on the size of w",
        "lam * w.sign()",
        "lam * w",
    ),
    _edit("l1_step", "absolute", "the slope of |w| is the sign of w", "w.sign()", "w.abs()"),
    _edit(
        "l1_step",
        "without_lr",
        "the learning rate counts for the penalty as well",
        "w - lr * (grad + lam * w.sign())",
        "w - lr * grad - lam * w.sign()",
    ),
    _edit("l1_step", "away", "your penalty pushes weights away from 0", "grad + lam", "grad - lam"),
    _edit(
        "l1_step",
        "zero_positive",
        "your slope at 0 is 1",
        "w.sign()",
        "(2.0 * (w >= 0) - 1)",
    ),
    _edit(
        "l1_step",
        "proximal",
        "this is a proximal step; plain gradient descent steps over 0",
        "w - lr * (grad + lam * w.sign())",
        "(w - lr * grad).sign() * ((w - lr * grad).abs() - lr * lam).clamp(min=0)",
    ),
    _edit(
        "proximal_step",
        "threshold_without_lr",
        "the threshold is the learning rate times lam",
        "lr * lam)",
        "lam)",
    ),
    _edit(
        "proximal_step",
        "hard",
        "weights that stay move towards 0 by the threshold, too",
        "l1_prox(w - lr * grad, lr * lam)",
        "(w - lr * grad) * ((w - lr * grad).abs() > lr * lam)",
    ),
    _edit(
        "proximal_step",
        "before_the_step",
        "the step down the loss comes first, then the threshold",
        "l1_prox(w - lr * grad, lr * lam)",
        "l1_prox(w, lr * lam) - lr * grad",
    ),
    _edit(
        "proximal_step",
        "subgradient",
        "this is a subgradient step, which steps over 0",
        "l1_prox(w - lr * grad, lr * lam)",
        "w - lr * (grad + lam * w.sign())",
    ),
    _says("l1_pull", "eta*lambda*w", "as_l2", "the slope of |w| is 1 for every w > 0"),
    _says("l1_pull", "lambda", "slope", "this is the slope; a step is eta times as long"),
    _says("l2_pull", "2*eta*lambda*w", "doubled", "the penalty has a factor 1/2"),
    _says("l2_pull", "eta*lambda", "as_l1", "the slope of w^2 shrinks with w"),
    _says("l2_pull", "eta*lambda*w^2/2", "penalty", "this has the penalty in it, not its slope"),
    _says("equal_pull", "0.01", "inverse", "there the L1 penalty pulls 10,000 times as hard"),
    _says("equal_pull", "1", "one", "the strengths differ"),
    _says("equal_pull", "50", "no_half", "the L2 penalty has a factor 1/2"),
    _says("after_one", "0", "zero", "the step has the length eta lambda, and goes beyond 0"),
    _says("after_one", "r*(1 - eta*lambda)", "decay", "that is weight decay"),
    _says("after_one", "r + eta*lambda", "away", "a penalty pulls towards 0"),
    _says(
        "after_two",
        "r - 2*eta*lambda",
        "on",
        "after the first step the weight is negative: back up",
    ),
    _says(
        "after_two", "0", "zero", "a subgradient step has a fixed length: it meets 0 by chance only"
    ),
    _says("after_two", "r - eta*lambda", "stays", "there the slope of |w| is -1, not 0"),
    _says(
        "exact_zeros",
        "SGD on the loss with an L1 penalty",
        "sgd",
        "its steps jump to and fro over 0 and never end there: look for small weights, not for zeros",
        WRITE_UP,
    ),
    _says("exact_zeros", "weight decay", "decay", "it makes weights smaller by a factor, never 0"),
    _edit(
        "share_below", "signed", "large negative weights are not small", "w.abs() < tau", "w < tau"
    ),
    _edit(
        "share_below",
        "zeros_only",
        "you count exact zeros, which SGD does not make",
        "w.abs() < tau",
        "w == 0",
    ),
    _edit("share_below", "count", "you return a number of weights", ".mean()", ".sum()"),
)
