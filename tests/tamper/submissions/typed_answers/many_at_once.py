# tries: types several answers in one, hoping that any of them counts
# deserves: 37
# shows: answer
tikhonov_factor = "sqrt((1-p)/p) or sqrt(p/(1-p)) or 1"
w_from_w_hat = "p*w_hat, w_hat/p, w_hat"
x_tilde = "X = sqrt(lam) X inv(Gamma); X"
