"""Guided mode: replies written beforehand and chosen by code, with no model."""

from .composer import Guide
from .draft import Composed, Request
from .understanding import Reader

__all__ = ["Composed", "Guide", "Reader", "Request"]
