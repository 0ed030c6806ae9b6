"""What the checks change in Airflow's own settings."""

from __future__ import annotations

# In seconds: how long the scheduler waits for the heart of a task, or of a scheduler, to beat before it takes it for
# dead, and how often it looks for tasks that a dead scheduler left. Forty tasks and pods that start at once on two
# processors hold the scheduler up for half a minute: by the usual threshold it is dead, and tasks begin anew.
HEARTBEAT = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "90",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}


def traces(endpoint: str) -> dict[str, str]:
    """Airflow's traces, by the protocol that stages use."""
    return {
        "AIRFLOW__TRACES__OTEL_ON": "True",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_TRACES_EXPORTER": "otlp_proto_http",
        "OTEL_SERVICE_NAME": "airflow",
    }
