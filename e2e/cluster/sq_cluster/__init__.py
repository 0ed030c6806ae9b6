"""The pipeline on a real Kubernetes cluster, through a real Airflow."""
