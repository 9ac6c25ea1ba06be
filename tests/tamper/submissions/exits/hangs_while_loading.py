# tries: never finishes loading, which would cost the time once for each check
# on: nothing
# deserves: 0
# shows: loading your submission did not finish within
while True:
    pass
