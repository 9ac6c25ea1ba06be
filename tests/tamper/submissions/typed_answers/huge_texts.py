# tries: types answers that are too long to read
# deserves: 37
# shows: answer
tikhonov_factor = "1+" * 30_000 + "p"
w_from_w_hat = "p" * 60_000
x_tilde = "inv(" * 10_000 + "X" + ")" * 10_000
