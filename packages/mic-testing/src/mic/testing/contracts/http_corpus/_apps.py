"""Every application of the corpus."""

from mic.testing.contracts.http_corpus._access import ACCESS
from mic.testing.contracts.http_corpus._bodies import BODIES
from mic.testing.contracts.http_corpus._case import CorpusApp
from mic.testing.contracts.http_corpus._failures import FAILURES, OVERLOAD
from mic.testing.contracts.http_corpus._forms import FORMS
from mic.testing.contracts.http_corpus._parameters import PARAMETERS
from mic.testing.contracts.http_corpus._paths import PATHS
from mic.testing.contracts.http_corpus._responses import RESPONSES
from mic.testing.contracts.http_corpus._stack import BARE_STACK, STACK
from mic.testing.contracts.http_corpus._values import VALUES

APPS: tuple[CorpusApp, ...] = (
    VALUES,
    PARAMETERS,
    BODIES,
    FORMS,
    RESPONSES,
    FAILURES,
    OVERLOAD,
    ACCESS,
    PATHS,
    STACK,
    BARE_STACK,
)
