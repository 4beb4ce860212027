#!/usr/bin/env python3
"""Writes dashboards/*.json from the panels below. Run it after a change; `--check` only compares."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent / "dashboards"
R = "$__rate_interval"
ENGINE = '{model_name=~"$model", instance=~"$instance"}'


def quantiles(metric, sel):
    """The usual four lines of a latency: three quantiles and the mean."""
    lines = [(f"histogram_quantile({q}, sum by (le) (rate({metric}_bucket{sel}[{R}])))", f"p{int(q * 100)}")
             for q in (0.99, 0.9, 0.5)]
    return lines + [(f"sum(rate({metric}_sum{sel}[{R}])) / sum(rate({metric}_count{sel}[{R}]))", "mean")]


def p99(metric, sel):
    return [(f"histogram_quantile(0.99, sum by (le) (rate({metric}_bucket{sel}[{R}])))", "p99")]


BOARDS = {
    "engine": {
        "title": "Baton · Engine", "uid": "baton-engine",
        "variables": [("model", "label_values(sglang:num_running_reqs, model_name)"),
                      ("instance", "label_values(sglang:num_running_reqs, instance)")],
        "sections": [
            ("Request Latency", [
                ("E2E Request Latency", "s", quantiles("sglang:e2e_request_latency_seconds", ENGINE)),
                ("Time-To-First-Token", "s", quantiles("sglang:time_to_first_token_seconds", ENGINE)),
                ("Inter-Token Latency", "s", quantiles("sglang:inter_token_latency_seconds", ENGINE)),
                ("Stage Latency p99", "s", [(f"histogram_quantile(0.99, sum by (le, stage) (rate(sglang:per_stage_req_latency_seconds_bucket{ENGINE}[{R}])))", "{{stage}}")]),
            ]),
            ("Throughput & Queue", [
                ("Token Generation Throughput (tok/s)", "short", [(f"sglang:gen_throughput{ENGINE}", "{{instance}}")]),
                ("Running & Queued Requests", "short", [(f"sglang:num_running_reqs{ENGINE}", "running {{instance}}"), (f"sglang:num_queue_reqs{ENGINE}", "queued {{instance}}")]),
                ("Request Rate", "reqps", [(f"sum(rate(sglang:num_requests_total{ENGINE}[{R}]))", "requests")]),
            ]),
            ("Cache & PIN", [
                ("Cache Hit Rate", "percentunit", [(f"sglang:cache_hit_rate{ENGINE}", "{{instance}}")]),
                ("Active PIN Count", "short", [(f"sum(sglang:hicache_active_pin_count{ENGINE}) or vector(0)", "pinned")]),
                ("Retractions", "ops", [(f"sum(rate(sglang:num_retracted_requests_total{ENGINE}[{R}]))", "retractions")]),
            ]),
            ("Memory Pressure", [
                ("GPU KV Cache Usage %", "percent", [(f"100 * sglang:token_usage{ENGINE}", "{{instance}}")]),
                ("Host (CPU) KV Cache Usage %", "percent", [(f"100 * sum(sglang:hicache_host_used_tokens{ENGINE}) / sum(sglang:hicache_host_total_tokens{ENGINE})", "host tier")]),
                ("Eviction & Load-back Rate", "short", [(f"sum by (cache_type) (rate(sglang:evicted_tokens_total{ENGINE}[{R}]))", "evicted {{cache_type}}"), (f"sum by (cache_type) (rate(sglang:load_back_tokens_total{ENGINE}[{R}]))", "loaded back {{cache_type}}")]),
            ]),
            ("HiCache Latency", [
                ("Eviction P99 Latency", "s", p99("sglang:eviction_duration_seconds", ENGINE)),
                ("Load-back P99 Latency", "s", p99("sglang:load_back_duration_seconds", ENGINE)),
            ]),
        ]},
    "baton": {
        "title": "Baton · Gateway", "uid": "baton-gateway",
        "variables": [("model", "label_values(baton_gateway_requests_total, model)")],
        "sections": [
            ("Requests", [
                ("Request Rate by Status", "reqps", [(f'sum by (status) (rate(baton_gateway_requests_total{{model=~"$model"}}[{R}]))', "{{status}}")]),
                ("Request Duration", "s", quantiles("baton_gateway_request_duration_seconds", '{model=~"$model"}')),
                ("Time To First Token", "s", quantiles("baton_gateway_time_to_first_token_seconds", '{model=~"$model"}')),
                ("In Flight", "short", [("baton_gateway_in_flight_requests", "{{instance}}")]),
                ("Tokens", "short", [(f'sum(rate(baton_gateway_prompt_tokens_total{{model=~"$model"}}[{R}]))', "prompt"), (f'sum(rate(baton_gateway_cached_tokens_total{{model=~"$model"}}[{R}]))', "cached"), (f'sum(rate(baton_gateway_completion_tokens_total{{model=~"$model"}}[{R}]))', "completion")]),
            ]),
            ("Where Time Goes", [
                ("Critical Path, Seconds per Request", "s", [(f"sum by (phase) (rate(baton_gateway_critical_path_seconds_sum[{R}])) / on () group_left () sum(rate(baton_gateway_traces_total[{R}]))", "{{phase}}")]),
                ("Path to the First Token, Seconds per Request", "s", [(f"sum by (phase) (rate(baton_gateway_first_token_path_seconds_sum[{R}])) / on () group_left () sum(rate(baton_gateway_time_to_first_token_seconds_count[{R}]))", "{{phase}}")]),
                ("Unattributed Share", "percentunit", [(f'sum(rate(baton_gateway_critical_path_seconds_sum{{phase="unattributed"}}[{R}])) / sum(rate(baton_gateway_critical_path_seconds_sum[{R}]))', "unattributed")]),
            ]),
            ("Trace Honesty", [
                ("Audited Traces by Verdict", "ops", [(f"sum by (verdict) (rate(baton_gateway_traces_total[{R}]))", "{{verdict}}")]),
                ("Spans That Did Not Fit", "ops", [(f"sum(rate(baton_trace_unreported_spans_total[{R}]))", "workers"), (f"sum(rate(baton_gateway_unnoted_spans_total[{R}]))", "gateway"), (f"sum(rate(baton_trace_leaked_spans_total[{R}]))", "leaked")]),
                ("Deferred Traces by Verdict", "ops", [(f"sum by (verdict) (rate(baton_gateway_deferred_traces_total[{R}]))", "{{verdict}}"), (f"sum(rate(baton_trace_unjudged_traces_total[{R}]))", "no verdict")]),
                ("Clock Offset", "s", [("baton_gateway_clock_offset_seconds", "{{peer}}")]),
                ("Clock Error", "s", [("baton_gateway_clock_error_seconds", "{{peer}}")]),
                ("Clock Violations", "ops", [(f"sum(rate(baton_clock_violations_total[{R}]))", "violations")]),
                ("Disconnected in Tempo", "percentunit", [('1 - sum(rate(tempo_warnings_total{reason="disconnected_trace_flushed_to_wal"}[5m])) / sum(rate(tempo_live_store_traces_created_total[5m]))', "connected")]),
            ]),
            ("Router Truth", [
                ("Decisions", "ops", [(f"rate(baton_router_decisions_total[{R}])", "{{instance}}")]),
                ("Cached Share of Prompt Tokens", "percentunit", [(f"sum(rate(baton_gateway_cached_tokens_total[{R}])) / sum(rate(baton_gateway_prompt_tokens_total[{R}]))", "reported by workers")]),
                ("Index", "short", [("baton_router_index_blocks", "blocks {{instance}}"), ("baton_router_predicted_blocks", "predicted {{instance}}")]),
                ("Retries", "ops", [(f"sum by (cause) (rate(baton_gateway_retries_total[{R}]))", "{{cause}}")]),
            ]),
            ("Workers", [
                ("Workers", "short", [("baton_gateway_workers", "{{instance}}")]),
                ("Running & Waiting", "short", [("baton_engine_running_requests", "running {{instance}}"), ("baton_engine_waiting_requests", "waiting {{instance}}")]),
                ("Legs Failed", "ops", [(f"sum by (code) (rate(baton_worker_legs_failed_total[{R}]))", "{{code}}")]),
                ("KV Blocks Used", "percentunit", [("baton_engine_used_blocks / baton_engine_total_blocks", "{{instance}}")]),
            ]),
            ("NATS Hop", [
                ("Chunks", "ops", [(f"sum(rate(baton_transport_chunks_sent_total[{R}]))", "sent"), (f"sum(rate(baton_transport_chunks_received_total[{R}]))", "received"), (f"sum(rate(baton_transport_chunks_resent_total[{R}]))", "resent")]),
                ("Gaps & Resumes", "ops", [(f"sum(rate(baton_transport_gaps_total[{R}]))", "gaps"), (f"sum(rate(baton_transport_resumes_total[{R}]))", "resumes")]),
                ("Slow Consumer & Discarded", "ops", [(f"sum(rate(baton_transport_slow_consumer_total[{R}]))", "slow consumer"), (f"sum(rate(baton_transport_messages_discarded_total[{R}]))", "discarded")]),
            ]),
            ("Slow Traces", [("Slow requests", "traceql", [('{ trace:duration > 5s } && { span:name = "http-request" }', "")])]),
        ]},
    "disaggregation": {
        "title": "Baton · Disaggregation", "uid": "baton-disaggregation",
        "variables": [("instance", "label_values(baton_worker_legs_total, instance)")],
        "sections": [
            ("Legs", [
                ("Legs by Kind", "reqps", [(f'sum by (leg) (rate(baton_worker_legs_total{{instance=~"$instance"}}[{R}]))', "{{leg}}")]),
                ("Legs Finished", "ops", [(f'sum by (reason) (rate(baton_worker_legs_finished_total{{instance=~"$instance"}}[{R}]))', "{{reason}}")]),
                ("Failed Handoffs", "ops", [(f"sum(rate(baton_engine_failed_handoffs_total[{R}]))", "failed")]),
            ]),
            ("KV Transfer", [
                ("Bytes Sent & Received", "Bps", [(f"sum(rate(baton_engine_sent_bytes_total[{R}]))", "sent"), (f"sum(rate(baton_engine_received_bytes_total[{R}]))", "received")]),
                ("Blocks Sent & Received", "ops", [(f"sum(rate(baton_engine_sent_blocks_total[{R}]))", "sent"), (f"sum(rate(baton_engine_received_blocks_total[{R}]))", "received")]),
                ("Transfer Stages p99", "s", [(f'histogram_quantile(0.99, sum by (le, stage) (rate(sglang:per_stage_req_latency_seconds_bucket{{stage=~"prefill_bootstrap|prefill_transfer_kv_cache|decode_bootstrap|decode_transferred"}}[{R}])))', "{{stage}}")]),
            ]),
            ("Queues", [
                ("Prefill", "short", [("sglang:num_prefill_bootstrap_queue_reqs", "bootstrap {{instance}}"), ("sglang:num_prefill_inflight_queue_reqs", "in flight {{instance}}")]),
                ("Decode", "short", [("sglang:num_decode_prealloc_queue_reqs", "prealloc {{instance}}"), ("sglang:num_decode_transfer_queue_reqs", "transfer {{instance}}")]),
                ("Critical Path: KV Transfer Share", "percentunit", [(f'sum(rate(baton_gateway_critical_path_seconds_sum{{phase="kv_transfer"}}[{R}])) / sum(rate(baton_gateway_critical_path_seconds_sum[{R}]))', "kv transfer")]),
            ]),
        ]},
    "block-manager": {
        "title": "Baton · Block Manager", "uid": "baton-block-manager",
        "variables": [("instance", "label_values(baton_engine_total_blocks, instance)")],
        "sections": [
            ("Device Tier", [
                ("Blocks", "short", [('baton_engine_used_blocks{instance=~"$instance"}', "used {{instance}}"), ('baton_engine_total_blocks{instance=~"$instance"}', "total {{instance}}")]),
                ("Cached Tokens", "short", [(f'rate(baton_engine_cached_tokens_total{{instance=~"$instance"}}[{R}])', "{{instance}}")]),
                ("Retracts", "ops", [(f'rate(baton_engine_retracts_total{{instance=~"$instance"}}[{R}])', "{{instance}}")]),
            ]),
            ("Host Tier", [
                ("Evicted & Loaded Tokens", "short", [(f"sum(rate(sglang:evicted_tokens_total[{R}]))", "evicted"), (f"sum(rate(sglang:load_back_tokens_total[{R}]))", "loaded back")]),
                ("Host Tokens Used", "short", [("sglang:hicache_host_used_tokens", "{{instance}}")]),
            ]),
        ]},
    "dcgm": {
        "title": "Baton · GPU (DCGM)", "uid": "baton-gpu-dcgm",
        "variables": [("gpu", "label_values(DCGM_FI_DEV_GPU_UTIL, gpu)")],
        "sections": [("GPU", [
            ("Utilisation", "percent", [('DCGM_FI_DEV_GPU_UTIL{gpu=~"$gpu"}', "GPU {{gpu}}")]),
            ("Memory Used", "decmbytes", [('DCGM_FI_DEV_FB_USED{gpu=~"$gpu"}', "GPU {{gpu}}")]),
            ("Power", "watt", [('DCGM_FI_DEV_POWER_USAGE{gpu=~"$gpu"}', "GPU {{gpu}}")]),
            ("Temperature", "celsius", [('DCGM_FI_DEV_GPU_TEMP{gpu=~"$gpu"}', "GPU {{gpu}}")]),
            ("SM Active", "percentunit", [('DCGM_FI_PROF_SM_ACTIVE{gpu=~"$gpu"}', "GPU {{gpu}}")]),
            ("PCIe & NVLink", "Bps", [('DCGM_FI_PROF_PCIE_RX_BYTES{gpu=~"$gpu"}', "PCIe in {{gpu}}"), ('DCGM_FI_PROF_NVLINK_RX_BYTES{gpu=~"$gpu"}', "NVLink in {{gpu}}")]),
        ])]},
}


def variable(name, query):
    return {"name": name, "label": name, "type": "query", "datasource": PROMETHEUS, "query": query, "definition": query,
            "refresh": 2, "includeAll": True, "multi": True, "allValue": ".*",
            "current": {"text": "All", "value": "$__all"}}


PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}


def panel(number, title, unit, targets, place):
    if unit == "traceql":
        tempo = {"type": "tempo", "uid": "tempo"}
        return {"id": number, "title": title, "type": "table", "datasource": tempo, "gridPos": place,
                "targets": [{"refId": "A", "datasource": tempo, "queryType": "traceql", "tableType": "traces", "limit": 20, "query": targets[0][0]}]}
    latency = unit == "s"
    return {"id": number, "title": title, "type": "timeseries", "datasource": PROMETHEUS, "gridPos": place,
            "fieldConfig": {"defaults": {"unit": unit, "min": None if "clock" in targets[0][0] else 0,
                                         "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": None}]}},
                            "overrides": []},
            "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
            "targets": [{"refId": chr(65 + i), "datasource": PROMETHEUS, "expr": expr, "legendFormat": legend,
                         "exemplar": latency and "_bucket" in expr} for i, (expr, legend) in enumerate(targets)]}


def board(spec):
    panels, number, y = [], 0, 0
    for section, content in spec["sections"]:
        number += 1
        panels.append({"id": number, "title": section, "type": "row", "collapsed": False, "panels": [],
                       "gridPos": {"h": 1, "w": 24, "x": 0, "y": y}})
        y += 1
        for i, (title, unit, targets) in enumerate(content):
            number += 1
            panels.append(panel(number, title, unit, targets, {"h": 8, "w": 8, "x": 8 * (i % 3), "y": y + 8 * (i // 3)}))
        y += 8 * ((len(content) + 2) // 3)
    datasource = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
                  "current": {"text": "Prometheus", "value": "prometheus"}}
    return {"id": None, "uid": spec["uid"], "title": spec["title"], "tags": ["baton"], "schemaVersion": 39, "version": 1,
            "editable": True, "refresh": "10s", "time": {"from": "now-30m", "to": "now"}, "timezone": "browser",
            "templating": {"list": [datasource] + [variable(*v) for v in spec["variables"]]}, "panels": panels}


def main():
    stale = []
    for name, spec in BOARDS.items():
        file, text = HERE / f"{name}.json", json.dumps(board(spec), indent=1, ensure_ascii=False) + "\n"
        if "--check" in sys.argv:
            stale += [] if file.exists() and file.read_text() == text else [name]
        else:
            file.write_text(text)
    if stale:
        sys.exit("stale, run dashboards.py: " + ", ".join(stale))


main()
