"""Pools and networks as a user has them: every argument is checked here."""
