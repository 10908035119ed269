"""Measures of the shipped packages on scenes that training never saw."""
