"""Interfaces and file formats of other projects."""
