"""Reads labels and products, checks them, and keeps some queries apart."""
