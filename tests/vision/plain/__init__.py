"""What the kernels of inspection compute, said plainly in numpy and without regard to speed."""
