"""The answers of a homework write-up, as a submission.

Formulas of the write-up stand here in the notation of the questions, some as small functions of the
asked names. What it does not answer is left out. Its words are shortened; where it has a figure, the
text says so.
"""

import torch

# 1.1  E[P] = p X; the diagonal of E[P^T P]; the other entries are never reduced to a result
expected_entry = "p*x"
gram_diagonal = "p*g"


# 1.2  ||y - p X w||^2 + p (1 - p) ||Gamma_hat w||^2
def expected_dropout_loss(x, y, w_hat, keep_prob):
    p = keep_prob
    gamma_hat = torch.diag(x.T @ x).sqrt()
    return ((y - p * x @ w_hat) ** 2).sum() + p * (1 - p) * ((gamma_hat * w_hat) ** 2).sum()


# 1.3  w = p w_hat, Gamma = sqrt((1 - p) / p) Gamma_hat
w_from_w_hat = "p * w_hat"
tikhonov_factor = "sqrt((1-p)/p)"


# 1.4  alpha_i = lambda^-0.5 Gamma_ii,  beta_i = lambda^0.5 Gamma_ii,  i = 1 ... N
def ridge_rescaling(gamma, lam):
    return lam**-0.5 * gamma, lam**0.5 * gamma


x_tilde = "X*sqrt(lam)*inv(Gamma)"
alpha_count = "N"

# 1.5  "the j-th element of the diagonal of gamma, which is the sum of all elements in X"
gamma_hat_entry = "sum(i=0, N-1, sum(l=0, d-1, X[i,l]))"
like_batchnorm = (
    "Each column of X is divided by an element of Gamma: we are normalising the batch. Dropout is "
    "like batch normalisation with ridge regularisation."
)

# 1.6
grad_held = "(y - sum(k=1, n, (w[k] + delta[k])*x[k]))*x[j]"
mean_grad_held = "(y - sum(k=1, n, w[k]*x[k]))*x[j]"


# 1.7  1/2 (y - sum w x)^2 + sum alpha w^2 x^2
def weight_noise_loss(w, x, y, alpha):
    return 0.5 * (y - (w * x).sum()) ** 2 + (alpha * w**2 * x**2).sum()


gamma_entry = "sqrt(alpha)*x_k"

# 1.8  "spatial dropout sets an entire feature to zero, whereas this dropout makes some pixels zero"
spatial_unit = "channel"
gaussian_unit = "pixel"
why_channels = (
    "Spatial dropout makes the model not rely on a single filter, the other not on a single pixel. "
    "So the one leads to redundant filters, Gaussian dropout to redundancy in space."
)

# 2.1  dL/dW_j = sum_{i=0}^{N-K+1} dL/dZ_i X_{i+j}; "the same as the convolution formula"
weight_grad_formula = "sum(i=0, N-K+1, dz[i]*x[i+j])"
weight_grad_operation = "correlation"


def conv1d_weight_grad(dz, x):
    N = len(x)
    K = N - len(dz) + 1
    dw = torch.zeros(K, dtype=x.dtype)
    for j in range(K):
        for i in range(0, N - K + 1 + 1):
            dw[j] += dz[i] * x[i + j]
    return dw


# The layer as question 3 gives it.
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu, var = x.mean(0), x.var(0, unbiased=False)
    return gamma * (x - mu) / torch.sqrt(var + eps) + beta, (x, gamma)


# 3.1
def batchnorm_backward(dout, cache):
    x, gamma = cache
    m = len(x)
    mu, sigma = x.mean(0), x.var(0, unbiased=False).sqrt()
    dx = (
        1 / sigma * gamma * dout
        + 2 / m * (x - mu) / sigma * gamma * dout
        - 1 / (m * sigma) * gamma * (1 + 2 / m * (x - mu).sum(0)) * dout
    )
    dgamma = (x * dout).sum(0)
    dbeta = dout.sum(0)
    return dx, dgamma, dbeta


# 3.2
advantage_1 = "Better gradient flow: gradients depend less on the scale of the parameters."
advantage_2 = "Faster learning, because it reduces the strong dependence on the initialisation."
advantage_3 = "It acts as a regularisation, in a way that the first question shows."
ridge_shows_it = "true"

# 3.3
relu_fraction = "1/2"
why_scale_shift = (
    "Before a ReLU half of the values would be deleted. Without scale and shift the outputs of all "
    "layers become very similar."
)

# 3.4  "the running average of the mean and standard deviation"
follows = "last batches"
tracked = "standard deviation"
why_sorted_fails = (
    "Each batch holds one class, so that the means differ from batch to batch. The overall mean "
    "represents the last batches, and a batch of the other class is treated quite differently."
)

# 4.1, 4.2  "No."
bias_needed = "false"
scale_matters = "false"

# 4.3
one_output = "k^2*c"
places = "((w-k)/s + 1)*((h-k)/s + 1)"
conv_macs = "k^2*c*((w-k)/s + 1)*((h-k)/s + 1)"
average_ops = "k^2*c*((w-k)/s + 1)*((h-k)/s + 1)"
relu_ops = "w*h*c"

# 4.4, 4.5, 4.6
why_smaller = "Reducing the width of the result, more compact features."
why_lost = "A model that loses some information generalises, as it cannot memorise all inputs."
rows_seen = "2*(2*(2*(1*2 - 1) + 3) - 1) + 3"

# 5.1
block_in_words = "(a figure, which is not in the text)"

# 5.2 to 5.4, for maps of 256, 128 and 64 rows
params_separable = 44272
params_full = 658432
map_height_1, map_height_2, map_height_3 = 256, 128, 64
macs_separable = "309,329,920"
macs_full = "4,496,293,888"
params_saving = "15"
macs_saving = "14.5"

# 5.5, 5.6  "reduces quadratically, by roughly alpha^2", "by rho^2"
separable_ratio = "1/N + 1/D_K^2"
alpha_limit = "alpha^2"
rho_alone = "rho^2"

# 6.1  "the loss function can be y_i = argmin ..."; "this is the same as k-means"
argmin_is_loss = "true"
same_as_kmeans = "true"
like_clustering = (
    "In clustering y_i has to be predicted; the center loss makes each class more compact. It is the "
    "same as k-means, in the space of deep features."
)


# 6.2
def center_loss_feature_grad(features, centers, labels):
    return features - centers[labels]


def center_loss_weight_grad(inputs, weight, centers, labels):
    grad = torch.zeros_like(weight)
    for x_hat, label in zip(inputs, labels, strict=True):
        grad += torch.outer(weight @ x_hat - centers[label], x_hat)
    return grad


def center_loss_center_grad(features, centers, labels):
    return torch.stack([c - features[labels == j].sum(0) for j, c in enumerate(centers)])


# 6.3  "decreases the distance within a class but does not increase that between classes"
classes_uncoupled = "true"
distances_stay = "true"
idea_in_words = (
    "Evenly distributed centroids fix the distance between classes, separated as far as possible. "
    "They are charges on a sphere that repel each other until they are at rest."
)
