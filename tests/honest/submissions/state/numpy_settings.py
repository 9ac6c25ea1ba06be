# odd: makes numpy and warnings strict for the whole process
import warnings

import numpy as np

np.seterr(all="raise")
np.set_printoptions(threshold=5)
warnings.simplefilter("error")
