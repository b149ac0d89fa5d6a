"""What runs in the store's process: moto's server, with the one check that it lacks: a stranger gets no list where no policy says so.

Run by the Python of `build/bucket`: nothing of the gateway is known here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

REFUSED = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)
whole: Any = DomainDispatcherApplication(create_backend_app)


def gate(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Everything passes but lists for strangers."""
    bucket, _, key = environ["PATH_INFO"].strip("/").partition("/")
    if bucket and not key and bucket != "moto-api" and "HTTP_AUTHORIZATION" not in environ:
        found = s3_backends["123456789012"]["aws"].buckets.get(bucket)
        allowed = found and found.get_permission("s3:ListBucket", f"arn:aws:s3:::{bucket}")
        if allowed != PermissionResult.PERMITTED:
            start("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(REFUSED)))])
            return [REFUSED]
    answer: Iterable[bytes] = whole(environ, start)
    return answer


WSGIRequestHandler.protocol_version = "HTTP/1.1"
run_simple("127.0.0.1", int(sys.argv[1]), gate, threaded=True)
