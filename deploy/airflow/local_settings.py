"""Airflow's airflow_local_settings: what each of its programs loads once.

Tasks and readers of DAG files are forked from them, and need not load it again: three seconds of a processor each.
"""

import airflow.providers.cncf.kubernetes.operators.pod
import airflow.providers.http.operators.http
import airflow.providers.smtp.notifications.smtp
import airflow.sdk  # noqa: F401
