"""What Airflow costs around a stage."""
