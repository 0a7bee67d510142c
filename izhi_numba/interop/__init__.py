"""Interfaces of other simulators."""
