# tries: answers NaN, which some comparisons take for a match
# on: nothing
# deserves: 0
# shows: nan
answer_all_with(lambda args: args[0] * float("nan"))
