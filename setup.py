"""What pyproject.toml cannot say: the media core is compiled through cffi."""

from setuptools import setup

setup(cffi_modules=["appliance/media/native/build.py:ffi"])
