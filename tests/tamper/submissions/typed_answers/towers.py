# tries: types formulas that would take longer than the universe to compute
# deserves: 37
# shows: answer
tikhonov_factor = "9**9**9**9**9**9*p"
w_from_w_hat = "((p+w_hat)^999999999)^999999999"
x_tilde = "(X+Gamma*lam)^(10^9)"
