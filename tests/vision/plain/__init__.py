"""What the kernels of inspection compute, said plainly and without regard to speed."""
