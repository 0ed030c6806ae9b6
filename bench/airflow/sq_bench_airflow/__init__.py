"""Measures the time that Airflow adds to a stage."""
