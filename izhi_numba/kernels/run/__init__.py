"""Compiled code of a running simulation: deliver, drive, update, record."""
