"""What the DAGs share. Runs in a bare Airflow: the standard library, Airflow and its providers alone."""
