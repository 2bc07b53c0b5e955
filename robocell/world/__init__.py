"""Ground truth: kinematic or Bullet, one protocol; parts and their true poses; camera images."""
