# tries: nothing: the reference solution as it is
# deserves: 40
# shows: 40
