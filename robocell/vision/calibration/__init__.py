"""Calibration: the lens from pictures of a printed board, and where a camera is from pairs of poses.

`board.Board` draws and finds boards; `intrinsics.calibrate_lens` says what lens the pictures show; `hand_eye.solve`
and `hand_eye.solve_streams` say where the camera is on or beside an arm. Each states its residual and uncertainty, and
refuses what cannot be known from what it was given.
"""
