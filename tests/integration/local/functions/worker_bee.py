"""The function of these tests: it reports its event to the queue "seen", then follows the orders in the messages."""

import json
import os
import sys
import time

import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    records = event.get("Records", [])
    orders = [json.loads(record["body"]) for record in records] or [event.get("detail") or event]
    attempts = [int(record["attributes"]["ApproximateReceiveCount"]) for record in records] or [1]
    report(event, orders, attempts, context)
    failures = [obey(order, attempt) for order, attempt in zip(orders, attempts, strict=True)]
    return {
        "batchItemFailures": [
            {"itemIdentifier": record["messageId"]}
            for record, failed in zip(records, failures, strict=False)
            if failed
        ]
    }


def report(event, orders, attempts, context):
    sys.stdout.write("noise on standard output\n")
    seen = {
        "event": event,
        "names": [order.get("name") for order in orders],
        "attempts": attempts,
        "process": os.getpid(),
        "remaining": context.get_remaining_time_in_millis(),
        "environment": dict(os.environ),
    }
    sqs.send_message(QueueUrl=os.environ["SEEN_QUEUE_URL"], MessageBody=json.dumps(seen))


def obey(order, attempt):
    """Whether this record is to be reported as failed."""
    if attempt > order.get("times", 1000):
        return False
    match order.get("do"):
        case "report":
            return True
        case "raise":
            raise ValueError("as ordered")
        case "crash":
            os.kill(os.getpid(), 9)
        case "exit":
            sys.exit(3)
        case "sleep":
            time.sleep(order.get("seconds", 60))
    return False
