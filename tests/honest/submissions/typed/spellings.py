# odd: formulas in other spellings, with Greek letters, powers and spaces
tikhonov_factor = "  sqrt( 1/p − 1 ) "
w_from_w_hat = "w_hat·p"
x_tilde = "√λ · X · Γ^(-1)"
