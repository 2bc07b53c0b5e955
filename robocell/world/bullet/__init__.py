"""The physical world, on the Bullet engine: the only package that knows pybullet."""

from robocell.world.bullet.world import BulletWorld

__all__ = ["BulletWorld"]
