# tries: types numbers at which formulas break down
# deserves: 37
# shows: answer
tikhonov_factor = float("nan")
w_from_w_hat = 10**4000
x_tilde = True
