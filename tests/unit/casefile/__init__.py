"""Tests of the reference record."""
