"""Typed configuration: the only package of the daemon that webui and provisioning may import."""
