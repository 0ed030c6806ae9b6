"""Compares the forecast model with other methods, on series of real weeks."""
