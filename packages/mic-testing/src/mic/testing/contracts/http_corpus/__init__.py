"""The corpus of HTTP requests with the answer that each must get, on every host.

Data for `HttpAdapterContract` and for anyone who compares two hosts: applications made of routes,
and for each the requests with the expected status, code, body and headers.
"""

from mic.testing.contracts.http_corpus._apps import APPS
from mic.testing.contracts.http_corpus._case import Case, CorpusApp, comparable

__all__ = ["APPS", "Case", "CorpusApp", "comparable"]
