"""Plain counterparts of the compiled kernels: what they compute, said without regard to speed."""
