"""Gunicorn for HQ: several workers with threads, before them a proxy that speaks TLS and keeps slow lines waiting."""

import multiprocessing
import os

bind = os.environ.get("ZINC_HQ_BIND", "127.0.0.1:8090")
worker_class = "gthread"
# A batch costs a processor some 10 ms: more workers than processors only wait for each other.
workers = int(os.environ.get("ZINC_HQ_WORKERS") or multiprocessing.cpu_count() + 1)
# Each thread may hold one connection of PostgreSQL: workers × threads stays well below its 100.
threads = int(os.environ.get("ZINC_HQ_THREADS") or 4)
timeout = 60
graceful_timeout = 30
keepalive = 30
# A leak nobody has found costs a worker, not the office.
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 4094
limit_request_fields = 60
# Only the proxy may say who called, and that it was over TLS: the one of this machine, or the one that is named.
forwarded_allow_ips = os.environ.get("ZINC_HQ_PROXY") or "127.0.0.1,::1"
# Addresses of cafés and people stay in the proxy's log, which is kept for a few days.
accesslog = None
errorlog = "-"
# Nobody steers it but systemd.
control_socket_disable = True
