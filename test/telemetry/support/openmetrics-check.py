"""Runs Datadog's OpenMetrics check as an agent does, twice, and prints what it submits as JSON: {name, type, value, tags}.

Usage: openmetrics-check.py <conf.yaml> <URL of /metrics>
"""

import json
import os
import sys

import yaml
from datadog_checks.base import OpenMetricsBaseCheckV2
from datadog_checks.base.stubs import aggregator

# a rule for the integrations that Datadog ships; `service` is one of the unified tags
os.environ['DDEV_SKIP_GENERIC_TAGS_CHECK'] = 'true'
TYPES = {v: k for k, v in aggregator.METRIC_ENUM_MAP.items()}


def submissions(name):
    for metric in aggregator.metrics(name):
        yield {'name': name, 'type': TYPES[metric.type], 'value': metric.value, 'tags': sorted(metric.tags)}


def buckets(name):
    for bucket in aggregator.histogram_bucket(name):
        yield {'name': name, 'type': 'distribution', 'value': bucket.value, 'tags': sorted(bucket.tags)}


with open(sys.argv[1]) as file:
    conf = yaml.safe_load(file)

# one object for both runs: the second has what it needs for a rate
checks = [
    OpenMetricsBaseCheckV2('openmetrics', conf['init_config'], [{**instance, 'openmetrics_endpoint': sys.argv[2]}])
    for instance in conf['instances']
]
for _ in range(2):
    aggregator.reset()
    for check in checks:
        error = check.run()
        if error:
            sys.exit(error)

found = [item for name in aggregator.metric_names for item in submissions(name)]
found += [item for name in aggregator._histogram_buckets for item in buckets(name)]
json.dump(found, sys.stdout)
