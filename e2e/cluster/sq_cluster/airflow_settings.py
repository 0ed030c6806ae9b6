"""Airflow settings that differ from the defaults in these checks."""

from __future__ import annotations

# In seconds: the time without a heartbeat after which a task or a scheduler counts as dead, and how often the scheduler
# looks for such tasks. Forty tasks and pods that start at once on two cores delay the scheduler by half a minute. With
# the default threshold it would count as dead, and its tasks would start again.
HEARTBEAT = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "90",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}


def traces(endpoint: str) -> dict[str, str]:
    """Settings that make Airflow send traces with the protocol of the stages."""
    return {
        "AIRFLOW__TRACES__OTEL_ON": "True",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_TRACES_EXPORTER": "otlp_proto_http",
        "OTEL_SERVICE_NAME": "airflow",
    }
