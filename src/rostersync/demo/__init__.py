"""A sample district, and a OneRoster 1.1 and 1.2 server that serves it over a real socket.

    district = make_district(students=120, seed=1, year=2026)      # the same arguments, the same district
    with serve(district, [faults.NoTotal(on=["users"])]) as server:
        server.base("1.1"), server.base("1.2"), server.token_url   # URLs; client `demo`, secret `demo-secret`
        server.faults.set(faults.Fail(503, times=2))               # may change while the server runs
        server.requests                                            # method, path, query, params, headers, status

A district is edited by sourcedId: `district.users["stu-0001"]` is a plain dict;
`district.touch(kind, id, now, **fields)`, `district.mark_deleted(kind, id, now)` and `district.drop(kind, id)` change
it as a source would, and `next_day(district, seed, now)` lets a day pass. `district.examples` names the special cases
(`"leaver"`, `"teacher and parent"`, `"dangling enrollment"`, …); what a person is in 1.1 and in 1.2, `wire` says.
Every fault can be limited to collections (`on`) and to request numbers (`requests`).
"""

from __future__ import annotations

from rostersync.demo import faults
from rostersync.demo.auth import Credentials
from rostersync.demo.changes import Happened, next_day
from rostersync.demo.district import District, Record, stamp
from rostersync.demo.generate import make_district
from rostersync.demo.server import Logged, Server, serve

__all__ = [
    "Credentials",
    "District",
    "Happened",
    "Logged",
    "Record",
    "Server",
    "faults",
    "make_district",
    "next_day",
    "serve",
    "stamp",
]
