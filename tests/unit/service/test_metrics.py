from __future__ import annotations

from ledger.service.metrics import Metrics


def test_started_calls_are_counted_by_method() -> None:
    metrics = Metrics()
    metrics.start("ledger.v1.LedgerService/Append")
    metrics.start("ledger.v1.LedgerService/Append")

    line = 'grpc_server_call_started_total{grpc_method="ledger.v1.LedgerService/Append"} 2'
    assert line in metrics.text({}).splitlines()


def test_durations_fall_into_cumulative_buckets_by_status() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.0011, 120.0):
        metrics.end("s/M", "OK", seconds=seconds, received_bytes=10)
    metrics.end("s/M", "NOT_FOUND", seconds=0.5, received_bytes=1)
    lines = metrics.text({}).splitlines()
    name = "grpc_server_call_duration_seconds"
    labels = 'grpc_method="s/M",grpc_status="OK"'

    assert f'{name}_bucket{{{labels},le="0.001"}} 1' in lines
    assert f'{name}_bucket{{{labels},le="0.002"}} 2' in lines
    assert f'{name}_bucket{{{labels},le="60.0"}} 2' in lines
    assert f'{name}_bucket{{{labels},le="+Inf"}} 3' in lines
    assert f"{name}_sum{{{labels}}} 120.002100" in lines
    assert f"{name}_count{{{labels}}} 3" in lines
    assert f'{name}_count{{grpc_method="s/M",grpc_status="NOT_FOUND"}} 1' in lines


def test_received_bytes_add_up() -> None:
    metrics = Metrics()
    metrics.end("s/M", "OK", seconds=0.1, received_bytes=10)
    metrics.end("s/M", "ABORTED", seconds=0.1, received_bytes=5)

    name = "ledger_received_bytes_total"
    assert f'{name}{{grpc_method="s/M"}} 15' in metrics.text({}).splitlines()


def test_gauges_stand_with_their_type() -> None:
    lines = Metrics().text({"ledger_tree_size": 7}).splitlines()

    assert lines[:2] == ["# TYPE ledger_tree_size gauge", "ledger_tree_size 7"]
    assert Metrics().text({}).endswith("\n")
