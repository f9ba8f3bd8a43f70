from __future__ import annotations

import pytest

from bench.load.wrk import arguments, parse

REPORT = """\
Running 5s test @ http://127.0.0.1:8000/page
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.43ms    2.30ms  40.12ms   95.01%
    Req/Sec    33.41k     3.20k   38.00k    72.00%
  Latency Distribution
     50%  890.00us
     75%    1.10ms
     90%    2.51ms
     99%    1.25s{blank}
  166120 requests in 5.02s, 201.10MB read
{more}Requests/sec:  33091.63
Transfer/sec:     40.06MB
"""


def test_a_report_tells_requests_rate_and_latencies_in_seconds() -> None:
    # wrk pads a unit of one letter to two.
    load = parse(REPORT.format(more="", blank=" "))
    assert load.requests == 166_120
    assert load.rate == pytest.approx(166_120 / 5.02)
    assert (load.p50, load.p99) == pytest.approx((890e-6, 1.25))
    assert load.errors == 0


def test_broken_connections_and_refusals_are_errors() -> None:
    more = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 100\n"
    assert parse(REPORT.format(more=more, blank="")).errors == 110


@pytest.mark.parametrize("output", ["", "unable to connect to 127.0.0.1:8000 Connection refused\n"])
def test_what_is_no_report_is_not_taken_for_one(output: str) -> None:
    with pytest.raises(ValueError, match="not a report"):
        parse(output)


def test_a_field_is_given_as_one_argument() -> None:
    command = arguments("http://h:1/", connections=2, seconds=3, fields={"Accept": "text/html, */*"})
    assert command[-3:] == ["-H", "Accept: text/html, */*", "http://h:1/"]
    assert {"-c2", "-d3s", "-t1", "--latency"} <= set(command)
