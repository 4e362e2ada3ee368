"""Fixtures for whole stories."""

from tests.applications.conftest import booked, contact, interview

__all__ = ["booked", "contact", "interview"]
