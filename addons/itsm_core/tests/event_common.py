import copy
import json

#: As in Alertmanager's documentation and its own tests: two alerts, one of them over.
ALERTMANAGER = {
    "version": "4",
    "groupKey": '{}:{alertname="InstanceDown", job="node"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "itsm",
    "groupLabels": {"alertname": "InstanceDown", "job": "node"},
    "commonLabels": {"alertname": "InstanceDown", "job": "node"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example.com:9093",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "InstanceDown",
                "instance": "erp-app-01:9100",
                "job": "node",
                "severity": "critical",
            },
            "annotations": {
                "summary": "Instance erp-app-01:9100 down",
                "description": "It has been down for more than 5 minutes.",
            },
            "startsAt": "2026-03-02T08:00:00.413218793Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=up",
            "fingerprint": "66214a361160fb6f",
        },
        {
            "status": "resolved",
            "labels": {
                "alertname": "InstanceDown",
                "instance": "erp-app-02:9100",
                "job": "node",
                "severity": "warning",
            },
            "annotations": {"summary": "Instance erp-app-02:9100 down"},
            "startsAt": "2026-03-02T07:40:00.413218793+01:00",
            "endsAt": "2026-03-02T07:55:30.413218793+01:00",
            "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=up",
            "fingerprint": "0be1a3dcc4ba8be5",
        },
    ],
}


def alertmanager(**alert):
    """Return the documented delivery, its first alert with other values."""
    data = copy.deepcopy(ALERTMANAGER)
    data["alerts"][0].update(alert)
    return data


def to_bytes(data):
    return json.dumps(data).encode()
