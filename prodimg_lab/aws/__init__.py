"""Calls to Amazon Web Services: clients, one call each, and what their errors mean. Only this room imports boto3."""

from prodimg_lab.aws.account import Account, account_of
from prodimg_lab.aws.buckets import Bucket
from prodimg_lab.aws.call import Reply, invoke_endpoint, invoke_model
from prodimg_lab.aws.clients import client, endpoint_url, is_aws
from prodimg_lab.aws.errors import Called, map_client_errors

__all__ = [
    "Account",
    "Bucket",
    "Called",
    "Reply",
    "account_of",
    "client",
    "endpoint_url",
    "invoke_endpoint",
    "invoke_model",
    "is_aws",
    "map_client_errors",
]
