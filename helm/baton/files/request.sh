# One streamed request to $URL for $MODEL, continuing a trace of our own; the answer must end well and name that trace.
set -eu
trace=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
status=$(curl -sSkN --max-time 120 --retry 10 --retry-connrefused --retry-delay 3 \
  -o /tmp/answer -D /tmp/head -w '%{http_code}' "$URL/v1/chat/completions" \
  -H 'content-type: application/json' ${API_KEY:+-H "authorization: Bearer $API_KEY"} \
  -H "traceparent: 00-$trace-00f067aa0ba902b7-01" \
  -d "{\"model\": \"$MODEL\", \"stream\": true, \"max_tokens\": 8, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}")
cat /tmp/head /tmp/answer
[ "$status" = 200 ] || { echo "FAILED: HTTP $status"; exit 1; }
grep -q 'data: \[DONE\]' /tmp/answer || { echo "FAILED: the stream was cut"; exit 1; }
grep -iq "^x-trace-id: $trace" /tmp/head || { echo "FAILED: x-trace-id is not $trace"; exit 1; }
echo "OK: trace $trace"
